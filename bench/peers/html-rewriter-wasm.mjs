import { createRequire } from "node:module";
import { eachPage, tag } from "./pages.mjs";

// A CommonJS module whose exports Node cannot tell beforehand.
const { HTMLRewriter } = createRequire(import.meta.url)("html-rewriter-wasm");

await eachPage(async (page) => {
  const chunks = [];
  const rewriter = new HTMLRewriter((chunk) => chunks.push(Buffer.from(chunk)));
  try {
    rewriter.on("body", { element: (body) => void body.append(tag, { html: true }) });
    await rewriter.write(page);
    await rewriter.end();
  } finally {
    rewriter.free();
  }
  return Buffer.concat(chunks);
});
