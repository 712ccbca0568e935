import type { SplitName } from '../../shared/project/data';
import { chooseLane } from './choose';
import { withProject } from './host';

export async function evaluate(
  path: string,
  options: { experiment?: string; lane?: string; split: SplitName; json?: boolean },
): Promise<void> {
  await withProject(path, async (lab, project) => {
    const { experiment, lane } = await chooseLane(lab, project, options);
    const result = await lab.call('experiments.evaluate', {
      project: project.id,
      experiment: experiment.id,
      lane: lane.id,
      split: options.split,
    });
    if (options.json) {
      const { split, count, loss, metrics, confusion, computedOn } = result;
      console.log(
        JSON.stringify({
          experiment: experiment.id,
          lane: lane.id,
          learningRate: lane.learningRate,
          split,
          count,
          loss,
          metrics,
          confusion,
          computedOn,
        }),
      );
      return;
    }
    console.log(`experiment ${experiment.id}, ${lane.id}, ${result.split} (${result.count} samples)`);
    console.log(`computed on ${result.computedOn.device}`);
    console.log(`loss ${result.loss.toPrecision(6)}`);
    for (const [name, value] of Object.entries(result.metrics)) console.log(`${name} ${value.toPrecision(6)}`);
  });
}
