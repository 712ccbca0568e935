import { resolve } from 'node:path';
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
        `${verification.largestDifference.toExponential(2)} (limit ${verification.limit}).`,
    );
  });
}
