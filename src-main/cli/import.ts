import { relative, resolve } from 'node:path';
import { withLab } from './host';

/** Makes a project folder of an ONNX file. */
export async function importModelFile(model: string, folder: string, options: { json?: boolean }): Promise<void> {
  const target = resolve(folder);
  const { project, report } = await withLab((lab) =>
    lab.call('models.import', { path: resolve(model), folder: target }),
  );
  if (options.json) {
    console.log(JSON.stringify({ path: project.path, ...report }));
    return;
  }
  const kept = report.operators > 0 ? `, ${report.operators} as operator nodes` : '';
  console.log(
    `Made ${folder} from ${model}: ${report.layers} ${report.layers === 1 ? 'layer' : 'layers'}${kept}, with the weights of the file.`,
  );
  if (report.untied.length > 0)
    console.log(`Weights that several nodes shared are separate now: ${report.untied.join(', ')}.`);
  const place = relative('.', target) || '.';
  console.log(`Next: give it data (deltalab serve ${place}), then deltalab train ${place}.`);
}
