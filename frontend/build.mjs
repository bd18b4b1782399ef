// Builds what browsers get into src/underseal/web/static. The same sources give the same bytes.
// With a folder as argument, builds there.
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = ["chrome115", "firefox115", "safari16.4"];
const settings = {
  absWorkingDir: here,
  outdir: resolve(process.argv[2] ?? join(here, "../src/underseal/web/static")),
  bundle: true,
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  target,
};

/** Styles of a component are a text, which it hands to its shadow tree. */
const styleAsText = {
  name: "style-as-text",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const style = await readFile(path, "utf8");
      const { code } = await transform(style, { loader: "css", minify: true, target });
      return { contents: code.trim(), loader: "text" };
    }),
};

/** uPlot's licence asks to go along; htmx's asks for nothing. */
const licence = await readFile(join(here, "node_modules/uplot/LICENSE"), "utf8");

await Promise.all([
  build({
    ...settings,
    entryPoints: { console: "console/console.ts" },
    format: "iife",
    footer: { js: `/*! uPlot\n${licence.trim()}\n*/` },
  }),
  build({ ...settings, entryPoints: { public: "public/public.ts" }, format: "iife" }),
  build({ ...settings, entryPoints: { console: "console/console.css", public: "public/public.css" } }),
  build({
    ...settings,
    entryPoints: { report: "report/report.ts" },
    format: "esm",
    plugins: [styleAsText],
  }),
]);
