import { availableParallelism } from 'node:os';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// Two cores are worth two workers: vitest would leave one of them to itself.
const maxWorkers = Math.max(2, availableParallelism() - 1);

/** unit: a function or a component; integration: real processes and files; e2e: a real browser against the real lab. */
export default defineConfig({
  plugins: [vue()],
  test: {
    // Limits catch what hangs; they are far above what a loaded machine needs.
    testTimeout: 30_000,
    maxWorkers,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], exclude: ['tests/unit/src-renderer/**'] },
      },
      {
        extends: true,
        test: {
          name: 'renderer',
          include: ['tests/unit/src-renderer/**/*.test.ts'],
          environment: 'happy-dom',
          // A page for every file: processes would take half as long again as threads to start.
          pool: 'threads',
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // Each file has a lab and a browser of its own; two of them wait for one another's processes, more would wait too long.
          maxWorkers: 2,
        },
      },
    ],
  },
});
