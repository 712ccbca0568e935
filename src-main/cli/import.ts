import { relative, resolve } from 'node:path';
import { importNotes } from '../../shared/errors/import-notes';
import { withLab } from './host';
import { systemLanguage } from './outcome';

/** Makes a project folder of an ONNX file. */
export async function importModelFile(
  model: string,
  folder: string,
  options: { output?: string; json?: boolean },
): Promise<void> {
  const target = resolve(folder);
  const { project, report } = await withLab((lab) =>
    lab.call('models.import', { path: resolve(model), folder: target, output: options.output ?? null }),
  );
  if (options.json) {
    console.log(JSON.stringify({ path: project.path, ...report }));
    return;
  }
  const kept = report.operators > 0 ? `, ${report.operators} as operator nodes` : '';
  console.log(
    `Made ${folder} from ${model}: ${report.layers} ${report.layers === 1 ? 'layer' : 'layers'}${kept}, with the weights of the file.`,
  );
  for (const note of importNotes(report, systemLanguage())) console.log(note);
  const place = relative('.', target) || '.';
  console.log(`Next: give it data (deltalab serve ${place}), then deltalab train ${place}.`);
}
