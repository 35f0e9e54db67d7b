// Bundles the page, drops the embedded web fonts (the page uses the system's), and gathers the licences.
import { build } from 'esbuild';
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { gzipSync, constants } from 'node:zlib';
import path from 'node:path';

const withoutFonts = {
  name: 'without-fonts',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

const { metafile } = await build({
  entryPoints: ['page.jsx'],
  bundle: true,
  minify: true,
  metafile: true,
  format: 'iife',
  jsx: 'automatic',
  target: 'es2022',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [withoutFonts],
  outdir: 'dist',
});

for (const file of ['page.js', 'page.css']) {
  const compressed = gzipSync(readFileSync(`dist/${file}`), { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(`dist/${file}.gz`, compressed);
}

const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}
const notices = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE'].map((f) => path.join(folder, f)).find(existsSync);
  const text = file ? readFileSync(file, 'utf8').trim() : `Licensed under ${license}.`;
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync('dist/LICENSES.txt', notices.join(`\n${'-'.repeat(78)}\n\n`));
