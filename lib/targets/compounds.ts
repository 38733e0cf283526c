import { z } from 'zod';
import type { Credentials, Pattern } from '../domain/target/target.ts';
import type { Compound } from './field.ts';
import { basicAuth, bearerToken } from './target-rules.ts';
import { printable, yesOrNo } from './text-rules.ts';

const text = { type: 'text', whenNull: 'none', default: null, isSecret: true, fileRule: z.string() } as const;
const flag = { default: '–', form: 'value' } as const;

/** Basic credentials, a bearer token, or none. */
export const credentials: Compound<
  Credentials,
  { basicAuth: Credentials | null; bearerToken: Credentials | null }
> = {
  use: 'check',
  default: null,
  columns: {
    basic_auth_user: {
      ...text,
      meaning:
        'may be a reference, like password and token: `${env:WEBSITE_MONITOR_SECRET_…}` or `${file:…}`',
    },
    basic_auth_password: { ...text, meaning: 'one line of at most 1,024 characters, or a reference' },
    bearer_token: { ...text, meaning: 'printable ASCII without spaces, or a reference' },
  },
  options: {
    basicAuth: { ...flag, flag: '--basic-auth', rule: basicAuth, meaning: 'user:password' },
    bearerToken: {
      ...flag,
      flag: '--bearer-token',
      rule: bearerToken,
      meaning: 'sent as `Authorization: Bearer …`',
    },
  },
  fromOptions: said => said.basicAuth ?? said.bearerToken,
  // Sets every column, so that one kind replaces the other
  toColumns: said => ({
    basic_auth_user: said.kind === 'basic' ? said.user : null,
    basic_auth_password: said.kind === 'basic' ? said.password : null,
    bearer_token: said.kind === 'bearer' ? said.token : null,
  }),
  fromRow: ({ basicAuthUser: user, basicAuthPassword: password = '', bearerToken: token }) => {
    if (token !== undefined) return { kind: 'bearer', token: String(token) };
    return user === undefined ? null : { kind: 'basic', user: String(user), password: String(password) };
  },
};

type SaidPattern = Pick<Pattern, 'text' | 'mustMatch'>;

/** A pattern that the body must, or must not, contain. */
export const pattern: Compound<SaidPattern, { match: string | null; mustNotMatch: string | null }> = {
  use: 'check',
  default: null,
  columns: {
    regex_pattern: {
      ...text,
      isSecret: false,
      whenNull: 'accepts any body',
      meaning: 'RE2 syntax, searched anywhere in the body',
    },
    regex_must_match: {
      type: 'boolean',
      whenNull: null,
      default: true,
      isSecret: false,
      fileRule: yesOrNo,
      meaning: 'false: the body must not contain the pattern',
    },
  },
  options: {
    match: {
      ...flag,
      flag: '--match',
      rule: printable(10_000),
      meaning: 'RE2 pattern that the body must contain',
    },
    mustNotMatch: {
      ...flag,
      flag: '--must-not-match',
      rule: printable(10_000),
      meaning: 'RE2 pattern that the body must not contain',
    },
  },
  fromOptions: ({ match, mustNotMatch }) => {
    const said = match ?? mustNotMatch;
    return said === null ? null : { text: said, mustMatch: match !== null };
  },
  toColumns: said => ({ regex_pattern: said.text, regex_must_match: said.mustMatch }),
  fromRow: ({ regexPattern, regexMustMatch }) =>
    regexPattern === undefined ? null : { text: String(regexPattern), mustMatch: regexMustMatch === true },
};
