import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { settingsSchema, type AppSettings, type RecentProject } from '../../shared/api/contract';
import { writeFileAtomic } from './files';

const recentSchema = z.array(z.object({ path: z.string(), name: z.string(), openedAt: z.string() }));
type Recent = z.infer<typeof recentSchema>;

const recentLimit = 30;

/** What belongs to the user and not to a project: settings.json and recent.json in the settings folder. */
export class UserFiles {
  private warned = false;

  private constructor(
    private readonly folder: string,
    private current: AppSettings,
    private recentList: Recent,
  ) {}

  static async open(folder: string): Promise<UserFiles> {
    const settings = settingsSchema.safeParse(await readJson(join(folder, 'settings.json')));
    const recent = recentSchema.safeParse(await readJson(join(folder, 'recent.json')));
    // Unreadable settings are no reason not to start: language and theme fall back to the system's.
    return new UserFiles(
      folder,
      settings.success ? settings.data : settingsSchema.parse({}),
      recent.success ? recent.data : [],
    );
  }

  get settings(): AppSettings {
    return this.current;
  }

  async setSettings(settings: AppSettings): Promise<AppSettings> {
    await this.write('settings.json', settings);
    this.current = settings;
    return settings;
  }

  recent(): RecentProject[] {
    return this.recentList.map((entry) => ({ ...entry, exists: existsSync(join(entry.path, 'project.json')) }));
  }

  /** The list is a convenience: where it can't be written it is kept until the end of the process, and no call fails for it. */
  async remember(path: string, name: string): Promise<void> {
    const others = this.recentList.filter((entry) => entry.path !== path);
    this.recentList = [{ path, name: name || basename(path), openedAt: new Date().toISOString() }, ...others].slice(
      0,
      recentLimit,
    );
    try {
      await this.write('recent.json', this.recentList);
    } catch (error) {
      if (!this.warned)
        process.stderr.write(`deltalab: recent.json: ${error instanceof Error ? error.message : String(error)}\n`);
      this.warned = true;
    }
  }

  async forget(path: string): Promise<void> {
    this.recentList = this.recentList.filter((entry) => entry.path !== path);
    await this.write('recent.json', this.recentList);
  }

  private async write(name: string, value: unknown): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFileAtomic(join(this.folder, name), `${JSON.stringify(value, null, 2)}\n`);
  }
}

/** Empty where the file is missing, can't be read or is damaged: defaults follow. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return {};
  }
}
