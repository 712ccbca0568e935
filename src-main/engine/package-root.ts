import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({ name: z.string(), version: z.string() });

function find(): { folder: string; version: string } {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const parsed = packageSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
      if (parsed.success && parsed.data.name === 'deltalab') return { folder, version: parsed.data.version };
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`package.json of deltalab not found above ${import.meta.url}`);
    folder = parent;
  }
}

/** The installed package: found from wherever the bundler put this module, in a checkout and inside an asar alike. */
export const { folder: packageRoot, version: packageVersion } = find();
