import type { Options } from './types.ts';

/** Options from the `data-*` attributes of a loader tag. Defaults stand where a value is used. */
export const readTag = ({ dataset, nonce }: HTMLScriptElement): Options => ({
  ...dataset,
  nonce,
  orgs: dataset.orgs?.match(/\S+/g),
  texts: dataset.texts && JSON.parse(dataset.texts),
});
