import type { Text } from '../text';

/** Why something of a notebook cannot be opened as a network, or a network not be loaded into a notebook. */
export const scratchpadNetworkErrors = {
  'scratchpad.network-no-variable': {
    en: 'There is no variable {name}. Run the cell that makes it first.',
    ru: 'Переменной {name} нет. Сначала выполните ячейку, в которой она создаётся.',
  },
  'scratchpad.network-none': {
    en: '{name} is of type {type}, which is no network. Choose an nn.Module, or a tensor that was computed from weights that require a gradient.',
    ru: '{name} имеет тип {type}, и это не сеть. Выберите nn.Module или тензор, вычисленный из весов, требующих градиента.',
  },
  'scratchpad.network-shape': {
    en: '{name} has not been called yet, so the shape of its input is not known. Give the sizes of one sample, such as 1, 28, 28.',
    ru: '{name} ещё не вызывалась, поэтому форма её входа неизвестна. Укажите размеры одного примера, например 1, 28, 28.',
  },
  'scratchpad.network-inputs': {
    en: 'Choose at least one of the tensors that {name} was computed from as the input: {leaves}.',
    ru: 'Выберите хотя бы один из тензоров, из которых вычислена переменная {name}, в качестве входа: {leaves}.',
  },
  'scratchpad.network-no-input': {
    en: 'No tensor that {name} was computed from can be its input: it must have no gradient, and as many rows as {name}.',
    ru: 'Среди тензоров, из которых вычислена переменная {name}, нет подходящего на роль входа: он не должен требовать градиента и должен иметь столько же строк.',
  },
  'scratchpad.network-decides': {
    en: 'Line {line} looks at numbers computed from the input ({operation}), so what the program does depends on them. A network does the same with every sample: use torch.where or a product with a mask instead.',
    ru: 'Строка {line} обращается к числам, вычисленным из входа ({operation}), и ход программы зависит от них. Сеть делает с каждым примером одно и то же: используйте torch.where или умножение на маску.',
  },
  'scratchpad.network-operation': {
    en: 'Line {line}: {operation} has no ONNX operator here, so it cannot be part of a network. Write it with other operations, or leave it out.',
    ru: 'Строка {line}: для {operation} нет оператора ONNX, поэтому эта операция не может войти в сеть. Запишите её через другие операции или уберите.',
  },
  'scratchpad.network-operation-taped': {
    en: 'The operation {operation} has no ONNX operator here, so it cannot be part of a network. Write it with other operations, or put the computation into an nn.Module.',
    ru: 'Для операции {operation} нет оператора ONNX, поэтому она не может войти в сеть. Запишите её через другие операции или оформите вычисление как nn.Module.',
  },
  'scratchpad.network-varies': {
    en: 'Line {line}: {operation} uses numbers that are others for other samples or another number of samples, and come from no tensor of the network. Compute them from the input, or keep them as a parameter.',
    ru: 'Строка {line}: {operation} использует числа, которые меняются с примерами или их количеством и не берутся ни из одного тензора сети. Вычисляйте их из входа или храните как параметр.',
  },
  'scratchpad.network-steps': {
    en: 'The operations of {name} are others for 3 samples than for 2: a loop or a branch depends on the number of samples. A network does the same with every sample.',
    ru: 'Операции {name} для 3 примеров не те, что для 2: цикл или ветвление зависит от количества примеров. Сеть делает с каждым примером одно и то же.',
  },
  'scratchpad.network-output': {
    en: 'forward returns a value of type {type}. A network has one output: return one tensor.',
    ru: 'forward возвращает значение типа {type}. У сети один выход: верните один тензор.',
  },
  'scratchpad.network-failed': {
    en: 'Called with random samples, the network ends with an error in line {line}. {kind}: {reason}',
    ru: 'При вызове со случайными примерами сеть завершается ошибкой в строке {line}. {kind}: {reason}',
  },
  'scratchpad.network-nothing': {
    en: 'What {name} gives does not depend on its input, so there is nothing to train.',
    ru: 'Результат {name} не зависит от входа, обучать нечего.',
  },
  'scratchpad.network-batch': {
    en: 'The output of {name} has the shape [{shape}]; its first size must be the number of samples.',
    ru: 'Выход {name} имеет форму [{shape}]; первый размер должен быть числом примеров.',
  },
  'scratchpad.network-mixes': {
    en: 'What {name} gives for a sample depends on the other samples it is given together with (a mean over all of them, or batch normalisation in training). A network answers every sample by itself: call eval() first, or leave the first dimension out of the mean.',
    ru: 'Ответ {name} на пример зависит от других примеров, поданных вместе с ним (среднее по всем примерам или пакетная нормализация при обучении). Сеть отвечает на каждый пример отдельно: сначала вызовите eval() или не усредняйте по первому измерению.',
  },
  'scratchpad.network-samples': {
    en: '{name} cannot be computed for another number of samples: {reason} What has a row for each sample must be an input.',
    ru: '{name} нельзя вычислить для другого числа примеров: {reason} Тензоры, в которых есть строка для каждого примера, должны быть входами.',
  },
  'scratchpad.network-gone': {
    en: 'The operation {operation} has read numbers that are no longer there. Keep them in a variable and compute {name} again, or put the computation into an nn.Module.',
    ru: 'Операция {operation} прочитала числа, которых больше нет. Сохраните их в переменной и вычислите {name} заново или оформите вычисление как nn.Module.',
  },
  'scratchpad.network-differs': {
    en: 'The network made of {name} does not answer as it does ({difference}), so it was not opened. Please report this with the notebook.',
    ru: 'Сеть, построенная по {name}, отвечает не так, как она сама ({difference}), поэтому она не открыта. Сообщите об этом, приложив блокнот.',
  },
  'scratchpad.network-long': {
    en: 'One call of {name} takes longer than it may here. Open it after a call that ends.',
    ru: 'Один вызов {name} занимает больше времени, чем допустимо. Откройте сеть, вызов которой завершается.',
  },
  'scratchpad.network-no-project': {
    en: 'The notebook belongs to no project, so there is no network to load. Open a project and its Scratchpad.',
    ru: 'Блокнот не относится ни к одному проекту, поэтому загрузить сеть неоткуда. Откройте проект и его блокнот.',
  },
  'scratchpad.network-too-large': {
    en: 'The weights of this network take {megabytes} MB, and a notebook holds {limit} MB.',
    ru: 'Веса этой сети занимают {megabytes} МБ, а блокнот вмещает {limit} МБ.',
  },
} satisfies Record<string, Text>;
