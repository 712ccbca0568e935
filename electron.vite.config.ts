import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

/** npx makes a command executable only when it first meets it: a later build must not take that away. */
const executableCli = {
  name: 'executable-cli',
  closeBundle: () => chmodSync(at('out/main/cli.js'), 0o755),
};

export default defineConfig({
  main: {
    plugins: [executableCli],
    build: {
      outDir: 'out/main',
      rollupOptions: {
        input: {
          main: at('src-main/electron/main.ts'),
          engine: at('src-main/engine/process.ts'),
          kernel: at('src-main/scratchpad/kernel-worker.ts'),
          cli: at('src-main/cli/main.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: at('src-main/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [vue()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      rollupOptions: { input: { index: at('src-renderer/index.html') } },
    },
  },
});
