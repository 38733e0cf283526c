import { alertFields, channelFields } from './alert-options.ts';
import { commandFields } from './command-options.ts';
import { serviceFields } from './service-settings.ts';
import { type About, abouts } from './setting.ts';
import { silenceFields } from './silence-options.ts';
import { targetFields } from './target-options.ts';

const otherFields = { ...commandFields, ...alertFields, ...channelFields, ...silenceFields };
const allFields = { ...serviceFields, ...targetFields, ...otherFields };

export type Key = keyof typeof allFields;

const aboutsOf = <Name extends Key>(names: Record<Name, unknown>): ReadonlyMap<Key, About> =>
  new Map((Object.keys(names) as Name[]).map(key => [key, abouts.get(allFields[key]) as About]));

/** Every setting of the service, in the order in which people read them. */
export const SETTINGS = aboutsOf(serviceFields);

/** What can be said of the URLs on the command line. */
export const TARGET_OPTIONS = aboutsOf(targetFields);

/** Taken only by commands other than the service. */
export const COMMAND_OPTIONS = aboutsOf(otherFields);

/** All that the command line knows. */
export const FLAGS = aboutsOf(allFields);
