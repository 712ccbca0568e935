import { resolve } from 'node:path';
import { precisionNames } from '../../shared/training/precision';
import { chooseLane } from './choose';
import { withProject } from './host';

interface ExportOptions {
  experiment?: string;
  lane?: string;
  which: 'best' | 'last';
  output: string;
  bake?: boolean;
  probabilities?: boolean;
  json?: boolean;
}

export async function exportModel(path: string, options: ExportOptions): Promise<void> {
  await withProject(path, async (lab, project) => {
    const { experiment, lane } = await chooseLane(lab, project, options);
    const report = await lab.call('models.export', {
      project: project.id,
      experiment: experiment.id,
      lane: lane.id,
      which: options.which,
      bakePreprocessing: options.bake ?? false,
      probabilities: options.probabilities ?? false,
      path: resolve(options.output),
    });
    const { verification } = report;
    if (options.json) {
      console.log(JSON.stringify({ experiment: experiment.id, lane: lane.id, ...report, downloadId: undefined }));
      return;
    }
    console.log(
      `Wrote ${report.path} (${report.bytes} bytes, opset ${report.opset}) from ${experiment.id}/${lane.id}.`,
    );
    console.log(
      `Checked by onnxruntime ${verification.onnxruntime} on ${verification.rows} rows: largest difference ` +
        `from the engine in float32 ${verification.largestDifference.toExponential(2)} (limit ${verification.limit}).`,
    );
    if (experiment.precision !== 'float32')
      console.log(
        `The file computes in float32. The lane was trained in ${precisionNames[experiment.precision]}: ` +
          "the card's own answers may differ from the file's by more.",
      );
  });
}
