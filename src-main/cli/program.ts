import { Command, InvalidArgumentError } from 'commander';
import type { SplitName } from '../../shared/project/data';
import type { Setting } from '../../shared/project/paths';
import { lossNames } from '../../shared/training/losses';
import { deviceSchema } from '../../shared/training/settings';
import { packageVersion } from '../engine/package-root';

const splits: Record<string, SplitName> = {
  train: 'training',
  training: 'training',
  validation: 'validation',
  test: 'test',
};

/**
 * The command line. Each command's code is loaded when it is called: `deltalab --help` needs neither the database nor
 * onnxruntime.
 */
export function createProgram(): Command {
  const program = new Command('deltalab')
    .description('A neural-network lab: design, train, compare learning rates side by side, export ONNX.')
    .version(packageVersion)
    .exitOverride()
    .showHelpAfterError('See "deltalab --help".');

  program
    .command('new')
    .description('make a project folder from an example')
    .argument('<dir>', 'an empty or a new folder')
    .requiredOption('--example <name>', 'lecture-regression, xor, two-spirals, noisy-sine, iris, digits or mnist')
    .option('--set <path=value>', 'change a value of project.json (repeatable)', collectSettings, [])
    .action(async (folder, options) => (await import('./new')).newProject(folder, options));

  program
    .command('import')
    .description('make a project folder from an ONNX model, with its weights')
    .argument('<model>', 'an .onnx file')
    .argument('<dir>', 'an empty or a new folder')
    .option('--output <name>', 'the output of the model that the network ends in; default: the first')
    .option('--json', 'one JSON object on standard output')
    .action(async (model, folder, options) => (await import('./import')).importModelFile(model, folder, options));

  program
    .command('train')
    .description('train a project and keep the models')
    .argument('<project>', 'folder of the project')
    .option('--lr <rates>', 'learning rates, one lane each: 0.01,0.1', rates)
    .option('--epochs <n>', 'number of epochs', whole)
    .option('--seed <n>', 'of the initial weights and of the order of the samples', whole)
    .option('--device <device>', 'auto, cpu, cuda[:i] or cuda:all; on cards also --set training.precision=tf32 or bf16')
    .option('--threads <n>', '0: as many as the machine has', whole)
    .option('--set <path=value>', 'another value of project.json, for this run only (repeatable)', collectSettings, [])
    .option('--json', 'one JSON object per line on standard output')
    .action(async (project, options) => (await import('./train')).train(project, options));

  program
    .command('resume')
    .description('go on with an experiment from its last checkpoint')
    .argument('<project>', 'folder of the project')
    .argument('<experiment>', 'its number, such as 001')
    .option('--device <device>', 'cpu, cuda[:i] or cuda:all; default: where it was', deviceName)
    .option('--json', 'one JSON object per line on standard output')
    .action(async (project, experiment, options) => (await import('./train')).resume(project, experiment, options));

  program
    .command('evaluate')
    .description('loss and metrics of a trained lane')
    .argument('<project>', 'folder of the project')
    .option('--experiment <e>', 'its number; default: the latest')
    .option('--lane <l>', 'lane-1, lane-2, …; default: the best one')
    .option('--split <split>', 'train, validation or test', splitName, 'validation')
    .option('--json', 'one JSON object on standard output')
    .action(async (project, options) => (await import('./evaluate')).evaluate(project, options));

  program
    .command('predict')
    .description('answers of an exported model for the rows of a table')
    .argument('<model>', 'an .onnx file exported by Deltalab')
    .argument('<file>', 'a CSV or TSV file')
    .option('-o, --output <file>', 'write a CSV file; default: standard output')
    .option('--json', 'one JSON object per answer and one at the end on standard output')
    .action(async (model, file, options) => (await import('./predict')).predict(model, file, options));

  program
    .command('export')
    .description('write a trained lane as a model file, checked by onnxruntime')
    .argument('<project>', 'folder of the project')
    .option('--experiment <e>', 'its number; default: the latest')
    .option('--lane <l>', 'lane-1, lane-2, …; default: the best one')
    .option('--which <which>', 'best or last weights', which, 'best')
    .requiredOption('--to <format>', 'onnx', format)
    .requiredOption('-o, --output <path>', 'the file to write')
    .option('--bake', 'preprocessing as nodes, so that the file takes raw inputs')
    .option('--probabilities', 'end in probabilities instead of logits')
    .option('--json', 'one JSON object on standard output')
    .action(async (project, options) => (await import('./export')).exportModel(project, options));

  program
    .command('infer')
    .description('run a model on NumPy arrays; writes D/<output>.npy')
    .argument('<model>', 'an .onnx file')
    .option('--input <name=x.npy>', 'an input (repeatable)', collectPairs, [])
    .requiredOption('--output-dir <dir>', 'folder for the results')
    .option('--engine <engine>', 'native or onnxruntime', engine, 'native')
    .option('--threads <n>', '0: as many as the machine has', whole, 0)
    .action(async (model, options) => (await import('./arrays')).infer(model, options));

  program
    .command('gradients')
    .description('loss and its gradients; writes D/loss.npy and D/<initializer>.npy')
    .argument('<model>', 'an .onnx file')
    .requiredOption('--loss <loss>', lossNames.join(', '), lossName)
    .option('--input <name=x.npy>', 'an input (repeatable)', collectPairs, [])
    .requiredOption('--target <file>', 'a .npy file')
    .requiredOption('--output-dir <dir>', 'folder for the results')
    .option('--threads <n>', '0: as many as the machine has', whole, 0)
    .action(async (model, options) => (await import('./arrays')).gradients(model, options));

  program
    .command('devices')
    .description('what training can run on')
    .option('--json', 'one JSON object per line on standard output')
    .action(async (options) => (await import('./devices')).devices(options));

  program
    .command('bench')
    .description('speed of the engine on this machine')
    .argument('[workload]', 'W1 to W7, growth or sweep; default: W1 to W7', benchWorkload)
    .option('--peers', 'in turns with PyTorch, JAX and onnxruntime, as far as they are installed')
    .option('--json', 'one JSON object per line on standard output')
    .action(async (workload, options) => (await import('./bench')).bench(workload, options));

  program
    .command('serve')
    .description('open the lab in a browser')
    .argument('[project]', 'folder of a project to open')
    .option('--port <n>', 'default: a free one', port, 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-remote', 'let other machines in (they need the printed address)')
    .option('--open', 'open the default browser')
    .action(async (project, options) => (await import('./serve')).serve(project, options));

  return program;
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('Expected a whole number from 0 up.');
  return value;
}

function port(text: string): number {
  const value = whole(text);
  if (value > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return value;
}

function rates(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (values.some((value) => !Number.isFinite(value) || value <= 0))
    throw new InvalidArgumentError('Expected positive numbers, such as 0.01,0.1.');
  return values;
}

function deviceName(text: string): string {
  if (!deviceSchema.safeParse(text).success)
    throw new InvalidArgumentError('Expected cpu, cuda, cuda:<number> or cuda:all.');
  return text;
}

function splitName(text: string): SplitName {
  const split = Object.hasOwn(splits, text) ? splits[text] : undefined;
  if (!split) throw new InvalidArgumentError('Expected train, validation or test.');
  return split;
}

function collectSettings(text: string, previous: Setting[]): Setting[] {
  const [field, value] = pair(text, 'path=value');
  return [...previous, { field, value }];
}

function collectPairs(text: string, previous: [string, string][]): [string, string][] {
  return [...previous, pair(text, 'name=x.npy')];
}

function pair(text: string, form: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`Expected ${form}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function oneOf<Value extends string>(...values: Value[]): (text: string) => Value {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value === undefined) throw new InvalidArgumentError(`Expected ${values.join(' or ')}.`);
    return value;
  };
}

const benchWorkload = oneOf('W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'growth', 'sweep');
const which = oneOf('best', 'last');
const format = oneOf('onnx');
const engine = oneOf('native', 'onnxruntime');
const lossName = oneOf(...lossNames);
