// What the Node peers share: the pages of a folder, one after the other, and the tag that goes before </body>.
//
//   node PEER.mjs FOLDER TAG-FILE
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, tagFile] = process.argv.slice(2);
export const tag = readFileSync(tagFile, "utf8");

/** Replaces each page by what `edit` makes of its bytes. */
export async function eachPage(edit) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".html")) continue;
    const file = join(entry.parentPath, entry.name);
    writeFileSync(file, await edit(readFileSync(file)));
  }
}
