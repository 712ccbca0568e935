import type { Text } from '../text';
import type {
  InitialiserName,
  InitialiserSettings,
  ParameterDefinition,
  ParameterValues,
  WeightDefinition,
} from './definition';
import { elements } from './sizes';

/** Every scheme, in the order of the list. */
const schemes: { value: InitialiserName; label: Text }[] = [
  { value: 'pytorch-uniform', label: { en: 'Uniform ±1/√n (PyTorch)', ru: 'Равномерно ±1/√n (PyTorch)' } },
  { value: 'kaiming-uniform', label: { en: 'Kaiming, uniform', ru: 'Кайминг, равномерно' } },
  { value: 'kaiming-normal', label: { en: 'Kaiming, normal', ru: 'Кайминг, нормально' } },
  { value: 'xavier-uniform', label: { en: 'Xavier, uniform', ru: 'Ксавье, равномерно' } },
  { value: 'xavier-normal', label: { en: 'Xavier, normal', ru: 'Ксавье, нормально' } },
  { value: 'orthogonal', label: { en: 'Orthogonal', ru: 'Ортогонально' } },
  { value: 'uniform', label: { en: 'Uniform, chosen bounds', ru: 'Равномерно, заданные границы' } },
  { value: 'normal', label: { en: 'Normal, chosen σ', ru: 'Нормально, заданная σ' } },
  { value: 'zeros', label: { en: 'Zeros', ru: 'Нули' } },
  { value: 'ones', label: { en: 'Ones', ru: 'Единицы' } },
  { value: 'constant', label: { en: 'Constant', ru: 'Константа' } },
];

/** Kaiming, Xavier and orthogonal need the size of a matrix; a bias has none. */
const rowSchemes: readonly InitialiserName[] = ['pytorch-uniform', 'normal', 'uniform', 'zeros', 'ones', 'constant'];

/** The numbers of the schemes that take some. */
const settings: { setting: keyof InitialiserSettings; scheme: InitialiserName; standard: number; label: Text }[] = [
  { setting: 'low', scheme: 'uniform', standard: -1, label: { en: 'From', ru: 'От' } },
  { setting: 'high', scheme: 'uniform', standard: 1, label: { en: 'To', ru: 'До' } },
  { setting: 'deviation', scheme: 'normal', standard: 1, label: { en: 'σ', ru: 'σ' } },
  { setting: 'gain', scheme: 'orthogonal', standard: 1, label: { en: 'Gain', ru: 'Множитель' } },
  { setting: 'value', scheme: 'constant', standard: 0, label: { en: 'Value', ru: 'Значение' } },
];

const settingHelp: Record<keyof InitialiserSettings, Text> = {
  low: { en: 'Lower bound of the values that are drawn.', ru: 'Нижняя граница выбираемых значений.' },
  high: { en: 'Upper bound of the values that are drawn.', ru: 'Верхняя граница выбираемых значений.' },
  deviation: {
    en: 'Standard deviation of the values that are drawn; their mean is 0.',
    ru: 'Стандартное отклонение выбираемых значений; их среднее равно 0.',
  },
  gain: {
    en: 'The orthogonal matrix is multiplied by it. √2 suits ReLU.',
    ru: 'На него умножается ортогональная матрица. Для ReLU подходит √2.',
  },
  value: { en: 'What every value begins with.', ru: 'С чего начинается каждое значение.' },
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface Choice {
  /** Prefix of the parameters' names: `weight` gives weightInitialiser, weightLow, … */
  prefix: 'weight' | 'bias';
  label?: Text;
  help?: Text;
  default?: InitialiserName;
}

const weightTexts = {
  label: { en: 'Initial weights', ru: 'Начальные веса' },
  help: {
    en: 'How the weights are drawn before training; n is the number of inputs of a neuron. Kaiming suits ReLU, Xavier suits tanh and sigmoid.',
    ru: 'Как выбираются веса перед обучением; n — число входов нейрона. Кайминг подходит для ReLU, Ксавье — для tanh и сигмоиды.',
  },
};

const biasTexts = {
  label: { en: 'Initial bias', ru: 'Начальное смещение' },
  help: {
    en: 'How the biases are drawn before training. Zeros are a safe choice with ReLU.',
    ru: 'Как выбираются смещения перед обучением. С ReLU надёжный выбор — нули.',
  },
};

/** The parameters with which a person chooses how a weight is drawn, and its numbers. All advanced. */
export function initialiserParameters(choice: Choice): ParameterDefinition[] {
  const { prefix } = choice;
  const texts = prefix === 'weight' ? weightTexts : biasTexts;
  const choices = schemes.filter(({ value }) => prefix === 'weight' || rowSchemes.includes(value));
  const scheme: ParameterDefinition = {
    name: `${prefix}Initialiser`,
    type: 'choice',
    default: choice.default ?? 'pytorch-uniform',
    choices,
    advanced: true,
    label: choice.label ?? texts.label,
    help: choice.help ?? texts.help,
  };
  const numbers = settings
    .filter((setting) => choices.some(({ value }) => value === setting.scheme))
    .map((setting): ParameterDefinition => ({
      name: `${prefix}${capital(setting.setting)}`,
      type: 'number',
      default: setting.standard,
      minimum: setting.setting === 'deviation' ? 0 : -1000,
      maximum: 1000,
      step: 0.1,
      advanced: true,
      when: { parameter: scheme.name, is: [setting.scheme] },
      label: setting.label,
      help: settingHelp[setting.setting],
    }));
  return [scheme, ...numbers];
}

/** What a person chose for a weight. */
export function initialisation(
  values: ParameterValues,
  prefix: Choice['prefix'],
): Pick<WeightDefinition, 'initialiser' | 'settings'> {
  const initialiser = schemes.find(({ value }) => value === values[`${prefix}Initialiser`])?.value ?? 'pytorch-uniform';
  const numbers = settings
    .filter(({ scheme }) => scheme === initialiser)
    .map(({ setting }) => [setting, Number(values[`${prefix}${capital(setting)}`])]);
  return numbers.length === 0 ? { initialiser } : { initialiser, settings: Object.fromEntries(numbers) };
}

/**
 * Inputs and outputs one value of a weight [outputs, inputs, …window] is joined with, as torch.nn.init counts them. (With groups it
 * counts the outputs of all groups.)
 */
export function fans(dims: readonly number[]): { fanIn: number; fanOut: number } {
  const [outputs = 1, inputs = 1, ...window] = dims;
  const field = elements(window);
  return { fanIn: inputs * field, fanOut: outputs * field };
}
