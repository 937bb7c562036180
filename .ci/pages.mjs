// Opens every page of a folder in headless Chromium: as it is on a screen, light, dark and small,
// for axe-core, and as it is printed on two papers. Fails on a violation, on a request, and on a
// dose of the JSON beside it that is not in the text of the print.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const folder = process.argv[2];
const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
let wrong = 0;
const fail = (...text) => {
  console.log(...text);
  wrong++;
};

for (const name of readdirSync(folder).filter((n) => n.endsWith(".html"))) {
  const page = await browser.newPage();
  const requests = [];
  page.on("request", (r) => requests.push(r.url()));
  for (const [scheme, width] of [["light", 1000], ["dark", 1000], ["light", 380]]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.setViewport({ width, height: 900 });
    await page.goto("file://" + join(folder, name));
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run());
    for (const v of found.violations) fail(`${name}, ${scheme}, ${width}: ${v.id}: ${v.help}\n   `, v.nodes.slice(0, 2).map((n) => n.html.slice(0, 160) + " " + n.failureSummary).join("\n    "));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) fail(`${name}, ${scheme}, ${width}: wider than the screen by ${over}`);
  }
  if (requests.some((url) => !url.startsWith("file://" + folder))) fail(`${name}: requests ${requests}`);
  await page.emulateMediaFeatures([]);
  const doses = JSON.parse(readFileSync(join(folder, name.split(".")[0] + ".json"))).events.filter((e) => e.kind === "dose");
  for (const format of ["a4", "letter", "ours"]) {
    // Ours is the PDF that doseplan wrote without a browser.
    const file = join(folder, format === "ours" ? name.replace(".html", ".pdf") : `${name}.${format}.pdf`);
    if (format !== "ours") writeFileSync(file, await page.pdf({ format, preferCSSPageSize: false, printBackground: true }));
    const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });
    const amounts = text.match(/(?<![\d.,])\d+([.,]\d+)?\s(mg|mcg)(?!\/)/g) ?? [];
    if (amounts.length < doses.length) fail(`${name}, ${format}: ${amounts.length} amounts for ${doses.length} doses`);
  }
  await page.close();
}
await browser.close();
console.log(wrong ? `${wrong} wrong` : `the pages pass: ${readdirSync(folder).filter((n) => n.endsWith(".html")).length} of them, on three screens and two papers`);
process.exit(wrong ? 1 : 0);
