import { execFile } from 'node:child_process';
import { cp, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT, contextPaths, execForm, type Instruction, readDockerfile } from './dockerfile.ts';

const system = promisify(execFile);

/** What the Dockerfile makes, in a folder that is its root. */
export interface Image {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** As in 1000:1000 */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

type Draft = { -readonly [Key in keyof Image]: Image[Key] };

/**
 * Does each step of the Dockerfile in a folder as a build does it in a container: a stage begins with
 * nothing but Node, and sees of the checkout what .dockerignore lets through. RUN has this machine's npm.
 *
 * @throws Error at an instruction that it does not know
 */
export async function buildImage(folder: string): Promise<Image> {
  const context = join(folder, 'context');
  for (const path of contextPaths()) {
    await cp(join(CHECKOUT, path), join(context, path), { recursive: true });
  }
  const roots = new Map<string | undefined, string>([[undefined, context]]);
  let image: Draft | undefined;
  for (const [index, { name, instructions }] of readDockerfile().entries()) {
    const root = join(folder, `stage-${index}`);
    await mkdir(root, { mode: 0o755 });
    image = {
      root,
      environment: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/' }, // as engines have it
      workingFolder: '/',
      user: '0:0',
      entrypoint: [],
      command: [],
      healthCheck: [],
    };
    for (const instruction of instructions) await step(image, instruction, roots);
    if (name !== undefined) roots.set(name, root);
  }
  if (image === undefined) throw new Error('the Dockerfile has no stage');
  await addNode(image.root);
  return image;
}

async function step(
  image: Draft,
  { keyword, text }: Instruction,
  roots: ReadonlyMap<string | undefined, string>,
): Promise<void> {
  const inImage = (path: string): string =>
    join(image.root, path.startsWith('/') ? path : join(image.workingFolder, path));
  switch (keyword) {
    case 'WORKDIR':
      image.workingFolder = text;
      await mkdir(inImage('.'), { recursive: true });
      return;
    case 'ENV':
      image.environment = { ...image.environment, ...Object.fromEntries(text.split(' ').map(toPair)) };
      return;
    case 'COPY':
      return copy(text, inImage, roots);
    case 'RUN':
      await system('/bin/sh', ['-c', text], {
        cwd: inImage('.'),
        env: { ...process.env, ...image.environment, PATH: process.env.PATH },
      });
      return;
    case 'USER':
      image.user = text;
      return;
    case 'ENTRYPOINT':
      image.entrypoint = execForm(text) ?? [];
      return;
    case 'CMD':
      image.command = execForm(text) ?? [];
      return;
    case 'HEALTHCHECK':
      image.healthCheck = execForm(text) ?? [];
      return;
    case 'EXPOSE':
      return;
    default:
      throw new Error(`this build knows no ${keyword}`);
  }
}

const toPair = (assignment: string): [string, string] => {
  const [name = '', value = ''] = assignment.split('=');
  return [name, value];
};

/** Of a folder its content is copied, of a file the file. */
async function copy(
  text: string,
  inImage: (path: string) => string,
  roots: ReadonlyMap<string | undefined, string>,
): Promise<void> {
  const words = text.split(' ');
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined;
  const target = words.pop() ?? '';
  for (const source of words) {
    const path = join(roots.get(from) ?? '', source);
    const isFolder = (await stat(path)).isDirectory();
    await cp(path, inImage(isFolder ? target : join(target, basename(source))), { recursive: true });
  }
}

/** Node and the libraries that it is linked to: what the base image has of what we need. */
async function addNode(root: string): Promise<void> {
  const { stdout } = await system('ldd', [process.execPath]);
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  for (const path of libraries) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await cp(path, join(root, path), { dereference: true });
  }
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await cp(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true });
}

/**
 * The command by which a program of the image runs as a container would run it: as its user, with its
 * root alone to see, and that read-only. Needs root, and the right to mount. The process is the program.
 */
export const inContainer = (image: Image, program: readonly string[]): string[] => {
  const [uid = '', gid = ''] = image.user.split(':');
  const mounts = 'mount --bind "$0" "$0" && mount --options remount,bind,ro "$0"';
  const enter = `exec unshare --root "$0" --wd ${image.workingFolder} --setgid ${gid} --setuid ${uid} "$@"`;
  return ['unshare', '--mount', '/bin/sh', '-c', `${mounts} && ${enter}`, image.root, ...program];
};
