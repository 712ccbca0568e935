import { z } from 'zod';
import { LabError } from '../../shared/errors';
import { type Preprocessing, preprocessingSchema } from '../../shared/project/preprocessing';

/** What an exported file says about itself, beside its graph. */
export interface ModelMetadata {
  project: string | null;
  preprocessing: Preprocessing | null;
  /** In the order of the outputs; null for a model that predicts numbers. */
  classes: string[] | null;
  /** The graph itself scales: it takes raw inputs and, for numbers, gives raw answers. */
  scalesItself: boolean;
  /** The graph ends in probabilities rather than logits. */
  givesProbabilities: boolean;
}

const keys = {
  project: 'deltalab.project',
  preprocessing: 'deltalab.preprocessing',
  classes: 'deltalab.classes',
  scalesItself: 'deltalab.scales-itself',
  givesProbabilities: 'deltalab.gives-probabilities',
} as const;

/** As the texts that go into a file. */
export function writeMetadata(metadata: ModelMetadata): Record<string, string> {
  const { project, preprocessing, classes } = metadata;
  return {
    ...(project === null ? {} : { [keys.project]: project }),
    ...(preprocessing === null ? {} : { [keys.preprocessing]: JSON.stringify(preprocessing) }),
    ...(classes === null ? {} : { [keys.classes]: JSON.stringify(classes) }),
    [keys.scalesItself]: String(metadata.scalesItself),
    [keys.givesProbabilities]: String(metadata.givesProbabilities),
  };
}

/** From a file's texts; a file of another program has none of them. */
export function readMetadata(texts: Record<string, string>, file: string): ModelMetadata {
  const read = <Schema extends z.ZodType>(key: string, schema: Schema): z.output<Schema> | null => {
    const text = texts[key];
    if (text === undefined) return null;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new LabError('model.metadata', { file, reason: `${key} is no JSON` }, { cause: error });
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new LabError('model.metadata', {
      file,
      reason: `${[key, ...(issue?.path ?? [])].join('.')}: ${issue?.message}`,
    });
  };
  return {
    project: texts[keys.project] ?? null,
    preprocessing: read(keys.preprocessing, preprocessingSchema),
    classes: read(keys.classes, z.array(z.string())),
    scalesItself: read(keys.scalesItself, z.boolean()) ?? false,
    givesProbabilities: read(keys.givesProbabilities, z.boolean()) ?? false,
  };
}
