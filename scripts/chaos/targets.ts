import { randomInteger } from '../support/random.ts';
import { type Scene, sqlText } from './scene.ts';

type TargetsScene = Pick<Scene, 'query' | 'website' | 'intervalSeconds' | 'targetCount' | 'random'>;

/** In one statement, like a bulk load. */
export async function insertTargets(
  { query, website, intervalSeconds }: TargetsScene,
  count: number,
): Promise<void> {
  const { min, max } = intervalSeconds;
  await query(sqlText('insert-targets'), [website.up, website.down, count, min, max]);
}

/** Each action affects one in thirty targets */
const SHARE = 1 / 30;

/** Edits some targets, disables or enables others, or replaces others by new ones. */
export async function changeTargets(scene: TargetsScene): Promise<void> {
  const { query, website, intervalSeconds, targetCount, random } = scene;
  const count = Math.ceil(targetCount * SHARE);
  const choice = randomInteger(random, { min: 0, max: 1_000_000 });
  switch (choice % 3) {
    case 0:
      await query(sqlText('edit-targets'), [
        count,
        choice,
        intervalSeconds.min,
        intervalSeconds.max,
        website.up,
        website.down,
      ]);
      break;
    case 1:
      await query(sqlText('switch-targets'), [count, choice]);
      break;
    default:
      await query(sqlText('delete-targets'), [count, choice]);
      await insertTargets(scene, count);
  }
}
