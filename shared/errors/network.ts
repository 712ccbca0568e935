import type { Text } from '../text';

export const networkErrors = {
  'network.empty': {
    en: 'The network has no layers yet. Choose a template, or put an input, some layers and an output on the canvas.',
    ru: 'В сети пока нет слоёв. Выберите шаблон или поместите на холст вход, несколько слоёв и выход.',
  },
  'network.cycle': {
    en: 'The layers {layers} form a cycle. Remove one of the connections between them.',
    ru: 'Слои {layers} образуют цикл. Удалите одну из связей между ними.',
  },
  'network.no-input': {
    en: 'The network has no input. Add an input layer and connect it to the first layer.',
    ru: 'У сети нет входа. Добавьте слой «Вход» и соедините его с первым слоем.',
  },
  'network.no-output': {
    en: 'The network has no output. Add an output layer and connect the last layer to it.',
    ru: 'У сети нет выхода. Добавьте слой «Выход» и подведите к нему последний слой.',
  },
  'network.several-inputs': {
    en: '{layer} is a second input, and a network has one. Remove it, and connect its layers to {first}.',
    ru: '«{layer}» — второй вход, а у сети он один. Удалите его и подключите его слои к «{first}».',
  },
  'network.several-outputs': {
    en: '{layer} is a second output, and a network has one. Remove it.',
    ru: '«{layer}» — второй выход, а у сети он один. Удалите его.',
  },
  'network.duplicate-layer': {
    en: 'Two layers have the id {layer}. Give one of them another id in project.json, or delete one.',
    ru: 'У двух слоёв один идентификатор «{layer}». Измените один из них в project.json или удалите слой.',
  },
  'network.unknown-kind': {
    en: '{layer} is of the kind "{kind}", which this Deltalab does not have. Replace it with one of the palette, or update Deltalab.',
    ru: 'Слой «{layer}» имеет вид «{kind}», которого нет в этой версии Deltalab. Замените его слоем из палитры или обновите Deltalab.',
  },
  'network.edge-unknown-layer': {
    en: 'A connection from {from} to {to} names a layer that does not exist. Remove the connection.',
    ru: 'Связь от «{from}» к «{to}» указывает на несуществующий слой. Удалите её.',
  },
  'network.edge-from-output': {
    en: '{from} has no output to take values from, yet it is connected to {layer}. Remove the connection.',
    ru: 'У слоя «{from}» нет выхода, но он подключён к «{layer}». Удалите связь.',
  },
  'network.port-unknown': {
    en: '{layer} has no input {port}; it has at most {maximum}. Remove the connection from {from}.',
    ru: 'У слоя «{layer}» нет входа {port}; всего входов не больше {maximum}. Удалите связь от «{from}».',
  },
  'network.port-taken': {
    en: 'Two connections lead into input {port} of {layer}: from {first} and from {from}. Remove one; to add values up, use an Add layer.',
    ru: 'Ко входу {port} слоя «{layer}» ведут две связи: от «{first}» и от «{from}». Удалите одну; чтобы сложить значения, используйте слой «Сложение».',
  },
  'network.unconnected': {
    en: 'Input {port} of {layer} is not connected. Drag a connection to it from the layer that should come before.',
    ru: 'Вход {port} слоя «{layer}» не подключён. Протяните к нему связь от слоя, который должен стоять перед ним.',
  },
  'network.dead-branch': {
    en: '{layer} does not lead to the output, so it takes no part in training. Connect it, or delete it.',
    ru: 'Слой «{layer}» не ведёт к выходу и поэтому не участвует в обучении. Подключите его или удалите.',
  },
  'network.parameter-unknown': {
    en: '{layer} has no parameter "{parameter}"; it has {known}. Remove it.',
    ru: 'У слоя «{layer}» нет параметра «{parameter}»; есть {known}. Удалите его.',
  },
  'network.parameter-integer': {
    en: '"{parameter}" of {layer} is {value}. Enter a whole number from {minimum} to {maximum}.',
    ru: 'Параметр «{parameter}» слоя «{layer}» равен {value}. Введите целое число от {minimum} до {maximum}.',
  },
  'network.parameter-number': {
    en: '"{parameter}" of {layer} is {value}. Enter a number from {minimum} to {maximum}.',
    ru: 'Параметр «{parameter}» слоя «{layer}» равен {value}. Введите число от {minimum} до {maximum}.',
  },
  'network.parameter-boolean': {
    en: '"{parameter}" of {layer} is {value}. It can only be on (true) or off (false).',
    ru: 'Параметр «{parameter}» слоя «{layer}» равен {value}. Он может быть только включён (true) или выключен (false).',
  },
  'network.parameter-choice': {
    en: '"{parameter}" of {layer} is {value}. Choose one of: {choices}.',
    ru: 'Параметр «{parameter}» слоя «{layer}» равен {value}. Выберите одно из: {choices}.',
  },
  'network.parameter-shape': {
    en: '"{parameter}" of {layer} is {value}. Enter one to {count} whole sizes from {minimum} to {maximum}, separated by commas.',
    ru: 'Параметр «{parameter}» слоя «{layer}» равен {value}. Введите целые размеры от {minimum} до {maximum} через запятую, не больше чем {count}.',
  },
  'network.input-shape-unknown': {
    en: 'The shape of {layer} comes from the data, and there are no inputs yet. Choose data and input columns on the Data page, or fix a shape here.',
    ru: 'Форма слоя «{layer}» берётся из данных, а входов пока нет. Выберите данные и входные столбцы на странице «Данные» или задайте форму здесь.',
  },
  'network.input-shape-mismatch': {
    en: '{layer} is fixed to {fixed}, but a sample of the data is {data}. Take the shape from the data, or change the input columns.',
    ru: 'Для слоя «{layer}» задана форма {fixed}, а пример данных имеет форму {data}. Возьмите форму из данных или измените входные столбцы.',
  },
  'network.linear-needs-row': {
    en: '{layer} needs a row of numbers and gets {got}. Add a Flatten before it, which makes a row of {count}.',
    ru: 'Слою «{layer}» нужен ряд чисел, а поступает {got}. Добавьте перед ним «Выпрямление»: получится ряд из {count}.',
  },
  'network.needs-image': {
    en: '{layer} needs an image, channels × height × width, and gets {got}. Put a Reshape before it, or use a layer made for this shape.',
    ru: 'Слою «{layer}» нужно изображение, каналы × высота × ширина, а поступает {got}. Добавьте перед ним «Изменение формы» или возьмите слой для такой формы.',
  },
  'network.needs-signal': {
    en: '{layer} needs a signal, channels × length, and gets {got}. Put a Reshape before it, or use a layer made for this shape.',
    ru: 'Слою «{layer}» нужен сигнал, каналы × длина, а поступает {got}. Добавьте перед ним «Изменение формы» или возьмите слой для такой формы.',
  },
  'network.needs-channels': {
    en: '{layer} needs channels × length or channels × height × width, and gets {got}. Put a Reshape before it.',
    ru: 'Слою «{layer}» нужны каналы × длина или каналы × высота × ширина, а поступает {got}. Добавьте перед ним «Изменение формы».',
  },
  'network.needs-steps': {
    en: '{layer} needs a sequence, steps × values of a step, and gets {got}. Put a Reshape before it that makes such a shape.',
    ru: 'Слою «{layer}» нужна последовательность, шаги × значения шага, а поступает {got}. Добавьте перед ним «Изменение формы».',
  },
  'network.window-too-large': {
    en: 'The window of {layer} covers {span}, but its input with padding is only {size}. Use a smaller kernel or dilation, or the padding "same".',
    ru: 'Окно слоя «{layer}» охватывает {span}, а вход вместе с дополнением — только {size}. Уменьшите ядро или разрежение либо выберите дополнение «same».',
  },
  'network.window-sizes': {
    en: '"{parameter}" of {layer} has {given} sizes for an input of {got}. Enter {allowed} of them.',
    ru: 'У параметра «{parameter}» слоя «{layer}» размеров: {given}, а вход имеет форму {got}. Введите столько: {allowed}.',
  },
  'network.window-padding': {
    en: '{layer} pads by {pads}, which is not less than its window of {kernel}: some windows would hold padding only. Pad less.',
    ru: 'Слой «{layer}» дополняет вход на {pads}, что не меньше окна {kernel}: некоторые окна состояли бы из одного дополнения. Уменьшите дополнение.',
  },
  'network.groups': {
    en: '{layer} has {channels} input channels and {filters} filters, and {groups} groups do not divide both evenly. Choose another number of groups or filters.',
    ru: 'У слоя «{layer}» каналов на входе: {channels}, фильтров: {filters}; {groups} групп не делят поровну и те и другие. Измените число групп или фильтров.',
  },
  'network.output-padding': {
    en: '{layer} adds {padding} at the end of its output, which has to be less than the stride or the dilation. Enter a smaller number.',
    ru: 'Слой «{layer}» добавляет в конец выхода {padding}; это должно быть меньше шага или разрежения. Введите меньшее число.',
  },
  'network.nothing-left': {
    en: '{layer} cuts {pads} off an output of {size}, and nothing is left. Cut off less.',
    ru: 'Слой «{layer}» отрезает {pads} от выхода {size}, и ничего не остаётся. Отрезайте меньше.',
  },
  'network.norm-groups': {
    en: '{layer} has {channels} channels, and {groups} groups do not divide them evenly. Choose a number of groups that does.',
    ru: 'У слоя «{layer}» каналов: {channels}, и {groups} групп не делят их поровну. Выберите подходящее число групп.',
  },
  'network.norm-dimensions': {
    en: '{layer} takes the mean over the last {dimensions} dimensions, but its input {got} has {rank}. Enter a smaller number.',
    ru: 'Слой «{layer}» усредняет по последним измерениям в числе {dimensions}, но у входа {got} их {rank}. Введите меньшее число.',
  },
  'network.heads': {
    en: '{layer} divides the {width} values of a step among {heads} heads, which leaves a rest. Choose a number of heads that divides {width}.',
    ru: 'Слой «{layer}» делит {width} значений шага между головами ({heads}), и получается остаток. Выберите число голов, на которое {width} делится.',
  },
  'network.combine-shapes': {
    en: '{layer} joins its inputs value by value, but input 1 is {first} and input {port} is {got}. Sizes have to be equal, or 1.',
    ru: 'Слой «{layer}» соединяет входы поэлементно, но вход 1 имеет форму {first}, а вход {port} — {got}. Размеры должны совпадать или быть равны 1.',
  },
  'network.concat-shapes': {
    en: '{layer} joins along dimension {axis}, but input 1 is {first} and input {port} is {got}. All other sizes have to be equal.',
    ru: 'Слой «{layer}» склеивает вдоль измерения {axis}, но вход 1 имеет форму {first}, а вход {port} — {got}. Все остальные размеры должны совпадать.',
  },
  'network.axis': {
    en: '{layer} works along dimension {axis}, but its input {got} has the dimensions 1 to {rank}. Choose one of them, or −1 for the last.',
    ru: 'Слой «{layer}» работает вдоль измерения {axis}, но у входа {got} измерения от 1 до {rank}. Выберите одно из них или −1 — последнее.',
  },
  'network.permute-order': {
    en: '{layer} puts the dimensions in the order {order}, but its input {got} has {wanted}. Name each of them once.',
    ru: 'Слой «{layer}» ставит измерения в порядке {order}, но у входа {got} есть {wanted}. Назовите каждое по одному разу.',
  },
  'network.slice-range': {
    en: '{layer} begins at {start} and takes {length}, but there are {size} values (the input is {got}). Stay within them.',
    ru: 'Слой «{layer}» начинает с {start} и берёт {length}, но значений там {size} (вход {got}). Не выходите за эти границы.',
  },
  'network.clip-range': {
    en: '{layer} clips from {minimum} to {maximum}. The first has to be the smaller one.',
    ru: 'Слой «{layer}» ограничивает от {minimum} до {maximum}. Первое число должно быть меньшим.',
  },
  'network.reshape-size': {
    en: '{layer} gets {got} ({count} values), which does not fit into {wanted} ({wantedCount}). Change the new shape so that the number of values stays the same.',
    ru: 'Слой «{layer}» получает {got} (значений: {count}), что не укладывается в {wanted} ({wantedCount}). Измените новую форму так, чтобы число значений сохранилось.',
  },
  'network.add-shapes': {
    en: '{layer} adds values of one shape, but input 1 is {first} and input {port} is {got}. Give both paths the same number of units.',
    ru: 'Слой «{layer}» складывает значения одной формы, но вход 1 имеет форму {first}, а вход {port} — {got}. Задайте обоим путям одинаковое число нейронов.',
  },
  'network.too-large': {
    en: '{layer} brings the network to {parameters} parameters; at most {maximum} fit. Use fewer units, or a smaller input.',
    ru: 'Со слоем «{layer}» в сети становится {parameters} параметров; допустимо не больше {maximum}. Уменьшите число нейронов или размер входа.',
  },
  'network.not-differentiable': {
    en: '{layer} cannot be trained through: its slope is 0 everywhere, so no error reaches the layers before it. Use a sigmoid instead.',
    ru: 'Через слой «{layer}» нельзя обучать: его наклон всюду равен 0, и ошибка не доходит до предыдущих слоёв. Замените его сигмоидой.',
  },
  'network.nothing-to-train': {
    en: 'Nothing before {layer} can be trained: there is no layer with weights. Add a linear layer.',
    ru: 'Перед слоем «{layer}» нечего обучать: нет ни одного слоя с весами. Добавьте полносвязный слой.',
  },
  'network.all-frozen': {
    en: 'Every layer with weights before {layer} is frozen, so there is nothing to train. Let at least one of them train.',
    ru: 'Все слои с весами перед «{layer}» заморожены, обучать нечего. Разморозьте хотя бы один из них.',
  },
  'network.target-missing': {
    en: 'There is nothing to compare {layer} with. Choose a target column on the Data page.',
    ru: 'Слой «{layer}» не с чем сравнивать. Выберите целевой столбец на странице «Данные».',
  },
  'network.output-size-classes': {
    en: '{layer} gets {got}, but the target has {wanted} classes and needs one value for each. Give the last linear layer {wanted} units.',
    ru: 'Слой «{layer}» получает {got}, но у цели {wanted} классов и нужно по одному значению на класс. Задайте последнему полносвязному слою нейронов: {wanted}.',
  },
  'network.output-size-numbers': {
    en: '{layer} gets {got}, but the target has {wanted} columns. Give the last linear layer {wanted} units.',
    ru: 'Слой «{layer}» получает {got}, но число целевых столбцов — {wanted}. Задайте последнему полносвязному слою нейронов: {wanted}.',
  },
  'network.loss-needs-classes': {
    en: 'The loss "{loss}" compares classes, but the target is made of numbers. Choose another loss on the Train page, or read the target as classes on the Data page.',
    ru: 'Функция потерь «{loss}» сравнивает классы, а цель состоит из чисел. Выберите другую функцию потерь на странице «Обучение» или прочитайте цель как классы на странице «Данные».',
  },
  'network.output-size-two-classes': {
    en: '{layer} gets {got}, but binary cross-entropy tells two classes apart by a single value, the logit of the second. Give the last linear layer 1 unit.',
    ru: 'Слой «{layer}» получает {got}, но бинарная перекрёстная энтропия различает два класса по одному значению — логиту второго. Задайте последнему полносвязному слою один нейрон.',
  },
  'network.loss-needs-two-classes': {
    en: 'The loss "{loss}" tells two classes apart, but the number of classes of the target is {classes}. Choose cross-entropy on the Train page, or read the target as a number on the Data page.',
    ru: 'Функция потерь «{loss}» различает два класса, а число классов цели — {classes}. Выберите перекрёстную энтропию на странице «Обучение» или прочитайте цель как число на странице «Данные».',
  },
  'network.loss-contains-layer': {
    en: 'The loss "{loss}" already contains the function of {layer}. With it twice, training will be slow; remove the layer.',
    ru: 'Функция потерь «{loss}» уже содержит функцию слоя «{layer}». Если применить её дважды, обучение будет медленным; удалите слой.',
  },
  'network.parameter-text': {
    en: '{parameter} of {layer} is {value}, and a text is needed. Return to the imported value with Undo.',
    ru: '«{parameter}» слоя «{layer}» — {value}, а нужен текст. Верните импортированное значение отменой.',
  },
  'network.operator-form': {
    en: "The imported node of {layer} can't be read any more: its parameters in project.json were changed. Undo the change, or import the model again.",
    ru: 'Импортированный узел слоя «{layer}» больше не читается: его параметры в project.json изменены. Отмените изменение или импортируйте модель заново.',
  },
  'network.operator-shape': {
    en: '{layer} ({operator}) was imported for {wanted} values at its input {port} and gets {got}. Restore what stood before it, or replace it with layers of the palette.',
    ru: 'Слой «{layer}» ({operator}) импортирован для входа {port} формы {wanted}, а получает {got}. Верните то, что стояло перед ним, или замените его слоями палитры.',
  },
  'network.tie-weight': {
    en: '{layer} has no trained weight "{weight}" that could be {other}; it has {known}. Give it its own values.',
    ru: 'У слоя «{layer}» нет обучаемого веса «{weight}», который мог бы быть общим с {other}; есть {known}. Уберите эту общую связь.',
  },
  'network.tie-circle': {
    en: 'The "{weight}" of {layer} is that of {other}, which in turn is that of {layer}: no layer keeps the values. Give one of them its own.',
    ru: 'Вес «{weight}» слоя «{layer}» взят из {other}, а тот в свою очередь из слоя «{layer}»: значения не хранит никто. Дайте одному из слоёв собственные.',
  },
  'network.tie-missing': {
    en: 'The "{weight}" of {layer} is that of {other}, which is no trained weight of a layer that leads to the output. Choose another, or give the layer its own.',
    ru: 'Вес «{weight}» слоя «{layer}» взят из {other}, но среди слоёв, ведущих к выходу, такого обучаемого веса нет. Выберите другой или дайте слою собственный.',
  },
  'network.tie-shape': {
    en: 'The "{weight}" of {layer} is {wanted}, but that of {other} is {got}. Give both the same size, or the layer a weight of its own.',
    ru: 'Вес «{weight}» слоя «{layer}» имеет форму {wanted}, а {other} — {got}. Сделайте размеры одинаковыми или дайте слою собственный вес.',
  },
  'network.weights-missing': {
    en: "The weights file of the network has no {name} for {layer}, whose values can't be drawn anew. Import the model again.",
    ru: 'В файле весов сети нет «{name}» слоя «{layer}», а выбрать эти значения заново нельзя. Импортируйте модель ещё раз.',
  },
} satisfies Record<string, Text>;
