/** Makes dist/, what `forge deploy` takes: manifest with its values, shell and function. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { env, exit } from "node:process";
import { build } from "esbuild";

const DIST = "dist";
const missing = new Set();

const manifest = (await readFile("manifest.yml", "utf8"))
  .split("\n")
  .map((line) => (line.trimStart().startsWith("#") ? line : line.replace(/\$\{(\w+)\}/g, valueOf)))
  .join("\n");
if (missing.size) {
  console.error(`Set ${[...missing].join(", ")}; docs/install.md says to what.`);
  exit(1);
}

await rm(DIST, { recursive: true, force: true });
await mkdir(`${DIST}/shell`, { recursive: true });
await writeFile(`${DIST}/manifest.yml`, manifest);
for (const name of ["index.html", "shell.css"]) await cp(`shell/${name}`, `${DIST}/shell/${name}`);
await bundle("shell/shell.js", {
  outfile: `${DIST}/shell/shell.js`,
  format: "esm",
  target: "es2022",
});
await bundle("functions/lozenge.js", {
  outfile: `${DIST}/src/lozenge.js`,
  format: "cjs",
  platform: "node",
  target: "node24",
});
await cp("package.json", `${DIST}/package.json`);
await writeFile(`${DIST}/src/package.json`, '{ "type": "commonjs" }\n');

function bundle(entry, options) {
  return build({ entryPoints: [entry], bundle: true, minify: true, ...options });
}

function valueOf(_whole, name) {
  const value = env[name]?.trim();
  if (!value) missing.add(name);
  return value;
}
