// Writes beside the bundle from which sources it was made; a test of the receiver compares.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const files = ["index.html", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts"];
for (const folder of ["public", "src"]) {
  for (const entry of readdirSync(join(here, folder), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name).slice(here.length + 1));
  }
}
const hash = createHash("sha256");
for (const file of files.sort()) {
  const content = readFileSync(join(here, file));
  hash.update(`${file}\n${content.length}\n`).update(content);
}
writeFileSync(join(here, "dist", "sources.sha256"), `${hash.digest("hex")}\n`);
