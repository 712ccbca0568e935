import { existsSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExampleInfo } from '../../shared/api/contract';
import { LabError } from '../../shared/errors';
import type { ProjectDocument } from '../../shared/project/document';
import { parseProject } from '../../shared/project/serialise';

const exampleSchema = z.strictObject({
  /** Place in the list of the welcome page. */
  order: z.number(),
  title: z.strictObject({ en: z.string(), ru: z.string() }),
  description: z.strictObject({ en: z.string(), ru: z.string() }),
});

/** Ready projects: a folder each with project.json, example.json and, where they need some, data/. */
export class Examples {
  constructor(private readonly folder: string) {}

  async list(): Promise<ExampleInfo[]> {
    const entries = await readdir(this.folder, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isDirectory() && existsSync(join(this.folder, entry.name, 'example.json')))
      .map((entry) => entry.name);
    const found = await Promise.all(
      names.map(async (name) => {
        const text = await readFile(join(this.folder, name, 'example.json'), 'utf8');
        return { name, ...exampleSchema.parse(JSON.parse(text)) };
      }),
    );
    found.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
    return found.map(({ name, title, description }) => ({ name, title, description }));
  }

  /** The example's document; its data files are copied into the new project's folder. */
  async copyInto(name: string, projectFolder: string): Promise<ProjectDocument> {
    const known = (await this.list()).map((example) => example.name);
    if (!known.includes(name)) throw new LabError('project.no-example', { example: name, known });
    const path = join(this.folder, name, 'project.json');
    const { document } = parseProject(await readFile(path, 'utf8'), path);
    const data = join(this.folder, name, 'data');
    if (existsSync(data)) await cp(data, join(projectFolder, 'data'), { recursive: true });
    return document;
  }
}
