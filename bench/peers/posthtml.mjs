import posthtml from "posthtml";
import { eachPage, tag } from "./pages.mjs";

const processor = posthtml([
  (tree) => tree.match({ tag: "body" }, (body) => ({ ...body, content: [...(body.content ?? []), tag] })),
]);

await eachPage(async (page) => (await processor.process(page.toString())).html);
