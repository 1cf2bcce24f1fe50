import { load } from "cheerio";
import { eachPage, tag } from "./pages.mjs";

await eachPage((page) => {
  const $ = load(page.toString());
  $("body").append(tag);
  return $.html();
});
