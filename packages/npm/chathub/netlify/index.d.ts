/** A build plugin for Netlify, which netlify.toml names. */
export function onPostBuild(event: any): Promise<void>;
