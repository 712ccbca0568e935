import { describe, expect, it } from 'vitest';
import { columnOf, dataFolder, example, withColumns } from './helpers';

const { table, open, guess, write, path } = dataFolder();

describe('iris.csv', () => {
  it('is read with four inputs and the species as classes, and split evenly', async () => {
    const dataset = await open(await guess(example('iris/data/iris.csv')));
    const { summary } = dataset;
    expect(summary.issues).toEqual([]);
    expect(summary.rows).toBe(150);
    expect(summary.inputNames).toEqual(['sepal_length', 'sepal_width', 'petal_length', 'petal_width']);
    expect(summary.inputShape).toEqual([4]);
    expect(summary.target).toEqual({
      kind: 'classes',
      classes: ['setosa', 'versicolor', 'virginica'],
      balance: { training: [40, 40, 40], validation: [10, 10, 10], test: [0, 0, 0] },
      suggestedLoss: 'cross-entropy',
    });
    const length = summary.columns[0];
    expect(length).toMatchObject({ type: 'number', blanks: 0, minimum: 4.3, maximum: 7.9, median: 5.8, distinct: 35 });
    expect(length?.mean).toBeCloseTo(5.8433, 4);
    expect(length?.histogram).toHaveLength(24);
    expect(length?.histogram?.reduce((sum, count) => sum + count)).toBe(150);
    const page = await dataset.rows(0, 2);
    expect(page.rows[0]).toEqual([5.1, 3.5, 1.4, 0.2, 'setosa']);
    expect(page.total).toBe(150);
    await dataset.close();
  });

  it('is standardised by the training rows', async () => {
    const dataset = await open(await guess(example('iris/data/iris.csv')));
    const data = await dataset.tensors();
    expect(data.inputShape).toEqual([4]);
    expect(data.targetShape).toEqual([3]);
    for (let column = 0; column < 4; column += 1) {
      const values = columnOf(data.splits.training.inputs, 4, column);
      expect(values).toHaveLength(120);
      expect(values.reduce((sum, value) => sum + value, 0) / 120).toBeCloseTo(0, 5);
      expect(values.reduce((sum, value) => sum + value * value, 0) / 120).toBeCloseTo(1, 5);
    }
    const { rows } = await dataset.rows(data.splits.validation.rows[3] ?? -1, 1);
    expect(['setosa', 'versicolor', 'virginica'][Number(data.splits.validation.targets[3])]).toBe(rows[0]?.[4]);
    await dataset.close();
  });
});

it('digits.csv: whole numbers from 0 to 9 are classes, pixels inputs', async () => {
  const dataset = await open(await guess(example('digits/data/digits.csv')));
  expect(dataset.summary.issues).toEqual([]);
  expect(dataset.summary.inputShape).toEqual([64]);
  expect(dataset.summary.target).toMatchObject({ classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] });
  const constant = dataset.summary.report.notes.filter(({ code }) => code === 'data.note.constant-column');
  expect(constant.map(({ details }) => details['column'])).toContain('p00');
  const data = await dataset.tensors();
  expect(data.splits.training.inputs.every(Number.isFinite)).toBe(true);
  expect(columnOf(data.splits.training.inputs, 64, 0).every((value) => value === 0)).toBe(true);
  await dataset.close();
});

describe('how tables are written', () => {
  it('semicolons, decimal commas and Windows-1251', async () => {
    const text = ['рост;вес;пол'];
    for (let row = 0; row < 30; row += 1) text.push(`${150 + row},5;${50 + row},25;${row % 2 ? 'мужской' : 'женский'}`);
    const letters = new Map([...'абвгдежзийклмнопрстуфхцчшщъыьэюя'].map((letter, index) => [letter, 0xe0 + index]));
    const bytes = Uint8Array.from([...text.join('\r\n')], (char) => letters.get(char) ?? char.charCodeAt(0));
    const dataset = await open(await table('люди.csv', bytes));
    expect(dataset.summary.report).toMatchObject({
      separator: ';',
      decimal: ',',
      encoding: 'windows-1251',
      header: true,
      rejectedCount: 0,
    });
    expect(dataset.summary.inputNames).toEqual(['рост', 'вес']);
    expect(dataset.summary.target).toMatchObject({ classes: ['женский', 'мужской'] });
    expect((await dataset.rows(0, 1)).rows).toEqual([[150.5, 50.25, 'женский']]);
    expect(dataset.summary.columns[0]).toMatchObject({ minimum: 150.5, maximum: 179.5 });
    await dataset.close();
  });

  it.each([
    ['utf-8', Buffer.from('имя,x\nй,1\nц,2\nу,3\n')],
    ['utf-8', Buffer.from('\ufeffимя,x\nй,1\nц,2\nу,3\n')],
    ['utf-16', Buffer.from('\ufeffимя,x\nй,1\nц,2\nу,3\n', 'utf16le')],
    ['utf-16', Buffer.from('имя,x\nй,1\nц,2\nу,3\n', 'utf16le').swap16()],
  ])('%s (%#)', async (encoding, bytes) => {
    const withMark =
      encoding === 'utf-16' && bytes[0] === 0x04 ? Buffer.concat([Buffer.from([0xfe, 0xff]), bytes]) : bytes;
    const dataset = await open(await table('encoded.csv', withMark));
    expect(dataset.summary.report.encoding).toBe(encoding);
    expect(dataset.summary.columns.map(({ name }) => name)).toEqual(['имя', 'x']);
    expect((await dataset.rows(0, 9)).rows).toEqual([
      ['й', 1],
      ['ц', 2],
      ['у', 3],
    ]);
    await dataset.close();
  });

  it('Latin-1', async () => {
    const dataset = await open(
      await table('latin.csv', Buffer.from('caf\xe9,prix\ncr\xe8me,1\nna\xefve,2\n', 'latin1')),
    );
    expect(dataset.summary.report.encoding).toBe('latin-1');
    expect((await dataset.rows(0, 1)).rows).toEqual([['crème', 1]]);
    await dataset.close();
  });

  it('tabs, no header', async () => {
    const dataset = await open(await table('plain.tsv', '1\t2\ta\n3\t4\tb\n5\t6\ta\n7\t8\tb\n'));
    expect(dataset.summary.report).toMatchObject({ separator: '\t', header: false });
    expect(dataset.summary.report.notes[0]?.code).toBe('data.note.no-header');
    expect(dataset.summary.rows).toBe(4);
    expect(dataset.summary.columns.map(({ name }) => name)).toEqual(['column1', 'column2', 'column3']);
    await dataset.close();
  });

  it('quoted values with separators, quotes and line breaks; lines still count as in an editor', async () => {
    const rows = ['text,n', '"a, ""b""\nc",1', '"second\n\nline",2'];
    for (let row = 0; row < 30; row += 1) rows.push(`t${row % 3},${row}`);
    rows.push('"t0",nonsense');
    const recipe = withColumns(await table('quoted.csv', rows.join('\n')), {
      text: { role: 'target' },
      n: { role: 'input' },
    });
    const dataset = await open(recipe);
    expect((await dataset.rows(0, 2)).rows).toEqual([
      ['a, "b"\nc', 1],
      ['second\n\nline', 2],
    ]);
    // 1 header + 2 lines + 3 lines + 30 lines before it.
    expect(dataset.summary.report.rejected).toEqual([
      { line: 37, column: 'n', reason: 'not-a-number', text: 'nonsense' },
    ]);
    await dataset.close();
  });

  it.each([
    ['two line feeds among pairs', 'x,kind\r\n1,a\n2,b\n3,"a\r\nb"\r\n4\r\n5,b\r\n'],
    ['pairs among line feeds', 'x,kind\n1,a\r\n2,b\n3,"a\r\nb"\n4\n5,b\r\n'],
    ['carriage returns and line feeds', 'x,kind\r1,a\n2,b\r3,"a\r\nb"\r4\r5,b\n'],
    ['a last line that ends otherwise', 'x,kind\r\n1,a\r\n2,b\r\n3,"a\r\nb"\r\n4\r\n5,b\n'],
  ])('line ends of more than one kind: %s', async (_, content) => {
    const dataset = await open(await table('line-ends.csv', content));
    expect((await dataset.rows(0, 9)).rows).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'a\r\nb'],
      [5, 'b'],
    ]);
    // The quoted value takes two lines, as in an editor.
    expect(dataset.summary.report.rejected).toEqual([{ line: 6, column: null, reason: 'too-few-values', text: '4' }]);
    expect(dataset.summary.report.file).toMatch(/line-ends\.csv$/);
    await dataset.close();
  });

  it('names that repeat or are missing, and names that look like SQL', async () => {
    const dataset = await open(await table(`a'b[1]*.csv`, `x,x,,"; DROP TABLE t; --"\n1,2,3,4\n5,6,7,8\n`));
    expect(dataset.summary.columns.map(({ name }) => name)).toEqual(['x', 'x_2', 'column3', '; DROP TABLE t; --']);
    expect(dataset.summary.report.notes.slice(0, 2)).toEqual([
      { code: 'data.note.duplicate-header', details: { name: 'x', position: 2, renamed: 'x_2' } },
      { code: 'data.note.empty-header', details: { position: 3, renamed: 'column3' } },
    ]);
    expect(dataset.summary.rows).toBe(2);
    await dataset.close();
  });

  it.each([
    ['iris[1].csv', 'iris1.csv'],
    ['iris*.csv', 'iris2.csv'],
    ['iris?.csv', 'iris3.csv'],
    ['[!a].csv', 'b.csv'],
    ['**', 'iris'],
    ['more [1]/iris.csv', 'more 1/iris.csv'],
  ])('reads the file named %s, not %s, which its name fits as a pattern', async (name, decoy) => {
    await write(decoy, 'x,y\n8,8\n9,9\n');
    const dataset = await open(await table(name, 'x,y\n1,2\n3,4\n'));
    expect((await dataset.rows(0, 9)).rows).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await dataset.close();
  });

  it('a folder named like year=2020 adds no column', async () => {
    const dataset = await open(await table('year=2020/sales.csv', 'x,y\n1,2\n3,4\n'));
    expect((await dataset.rows(0, 1)).rows).toEqual([[1, 2]]);
    await dataset.close();
  });

  it('blanks in all their spellings, dates, truth values', async () => {
    const lines = ['a,day,ok,y'];
    const blanks = ['', 'NA', 'N/A', 'null', '?', '-', ' '];
    for (let row = 0; row < 40; row += 1) {
      const a = blanks[row] ?? String(row / 2);
      lines.push(`${a},${String((row % 28) + 1).padStart(2, '0')}.0${(row % 9) + 1}.2021,${row % 3 === 0},${row}`);
    }
    const recipe = withColumns(await table('mixed.csv', lines.join('\n')), { day: { role: 'input' } });
    const dataset = await open(recipe);
    const [a, day, ok] = dataset.summary.columns;
    expect(a).toMatchObject({ type: 'number', blanks: 7, minimum: 3.5, maximum: 19.5 });
    expect(day).toMatchObject({ type: 'date', minimum: Date.UTC(2021, 0, 1) });
    expect(ok).toMatchObject({ type: 'boolean', distinct: 2 });
    expect(dataset.summary.report.notes).toContainEqual({
      code: 'data.note.dates-read-as',
      details: { column: 'day', format: 'dd.mm.yyyy' },
    });
    expect(dataset.summary.inputNames).toEqual(['a', 'day', 'ok = false', 'ok = true']);
    expect((await dataset.rows(0, 1)).rows).toEqual([[null, '01.01.2021', true, 0]]);
    const data = await dataset.tensors();
    expect(data.splits.training.inputs.every(Number.isFinite)).toBe(true);
    await dataset.close();
  });

  it('a column of plus and minus keeps its minus', async () => {
    const dataset = await open(await table('signs.csv', 'x,sign\n1,+\n2,-\n3,+\n4,-\n'));
    expect(dataset.summary.columns[1]).toMatchObject({ blanks: 0, distinct: 2 });
    await dataset.close();
  });

  it('takes a person at their word about the format', async () => {
    const recipe = await table('forced.csv', '1,5;2\n3,5;4\n5,5;6\n');
    const forced = await open({ ...recipe, columns: [], format: { ...recipe.format, decimal: '.', header: true } });
    expect(forced.summary.columns.map(({ name, type }) => [name, type])).toEqual([
      ['1,5', 'text'],
      ['2', 'integer'],
    ]);
    await forced.close();
  });
});

describe('bad input', () => {
  it('names an empty file', async () => {
    await expect(table('empty.csv', '')).rejects.toThrow(/empty\.csv is empty/);
    await expect(table('blank.csv', '\n\n  \n')).rejects.toThrow(/blank\.csv is empty/);
  });

  it('names a file with a header only', async () => {
    await expect(table('header.csv', 'a,b,c\n')).rejects.toThrow(/header\.csv has a header but no rows/);
  });

  it('names a file that is not there, and a folder', async () => {
    await expect(guess(path('nowhere.csv'))).rejects.toThrow(/nowhere\.csv was not found/);
    await expect(guess(path(''))).rejects.toThrow(/is a folder, not a file/);
  });

  it('says what a binary file looks like', async () => {
    const workbook = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(300, 7)]);
    await expect(table('book.csv', workbook)).rejects.toThrow(
      /book\.csv is not a text table \(it looks like ZIP \/ Excel/,
    );
    const noise = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7919 + (index >> 3)) % 251);
    await expect(table('noise.csv', noise)).rejects.toThrow(/noise\.csv holds binary data, not a text table/);
  });

  it('names the file in one line when the database refuses it', async () => {
    const recipe = await table('refused.csv', 'a,b\n1,2\n3,4\n');
    const separator = '"';
    await expect(open({ ...recipe, columns: [], format: { ...recipe.format, separator } })).rejects.toThrow(
      /^The table in .*refused\.csv cannot be read: .*QUOTE.*\. Save it again as CSV/,
    );
  });

  it('names the first line when no row can be read', async () => {
    const lines = ['a,b', '1,2', '3,4', '"unclosed,1'];
    const recipe = await table('fine.csv', lines.join('\n'));
    expect(recipe.columns).toHaveLength(2);
    await expect(table('hopeless.csv', 'a,b\n"unclosed,1\n2,3\n')).rejects.toThrow(
      /No row of .*hopeless\.csv could be read: all 1 were rejected, the first at line 2/,
    );
  });

  it('reports ragged rows and text in a number column with line, column, reason and text', async () => {
    const lines = ['x,y,kind'];
    for (let row = 0; row < 40; row += 1) lines.push(`${row * 1.5},${row},${row % 2 ? 'a' : 'b'}`);
    lines[5] = '1,2'; // line 6
    lines[9] = '1,2,a,4'; // line 10
    lines.splice(12, 0, ''); // a blank line 13
    lines[20] = 'oops,3,a'; // line 21
    const dataset = await open(await table('ragged.csv', lines.join('\n')));
    expect(dataset.summary.report.rejectedCount).toBe(3);
    expect(dataset.summary.report.rejected).toEqual([
      { line: 6, column: null, reason: 'too-few-values', text: '1,2' },
      { line: 10, column: null, reason: 'too-many-values', text: '1,2,a,4' },
      { line: 21, column: 'x', reason: 'not-a-number', text: 'oops' },
    ]);
    expect(dataset.summary.issues).toEqual([]);
    expect(dataset.summary.rows).toBe(38);
    const { training, validation } = dataset.summary.splits;
    expect(training + validation).toBe(37);
    await dataset.close();
  });

  it('shows 100 rejected rows of many and counts them all', async () => {
    const lines = ['x,y'];
    for (let row = 0; row < 1000; row += 1) lines.push(row % 4 === 3 ? `${row}` : `${row},1.5`);
    const dataset = await open(await table('many.csv', lines.join('\n')));
    expect(dataset.summary.report.rejectedCount).toBe(250);
    expect(dataset.summary.report.rejected).toHaveLength(100);
    expect(dataset.summary.report.rejected[99]?.line).toBe(2 + 99 * 4 + 3);
    await dataset.close();
  });

  it('lists what the recipe lacks instead of failing', async () => {
    const recipe = await table('plain.csv', 'a,b,empty\n1,2,\n3,4,\n5,7,\n');
    const none = await open(
      withColumns(recipe, { a: { role: 'ignore' }, b: { role: 'ignore' }, empty: { role: 'ignore' } }),
    );
    expect(none.summary.issues.map(({ code }) => code)).toEqual(['data.no-target', 'data.no-input']);
    await expect(none.tensors()).rejects.toThrow('No target is chosen');
    await none.close();
    const empty = await open(withColumns(recipe, { empty: { role: 'input' } }));
    expect(empty.summary.issues).toEqual([{ code: 'data.empty-column', details: { column: 'empty' } }]);
    await empty.close();
    const split = { kind: 'ratio', training: 0.9, validation: 0.5, test: 0, seed: 1, stratify: true } as const;
    const large = await open({ ...recipe, split });
    expect(large.summary.issues).toEqual([{ code: 'data.split-sum', details: { sum: 1.4 } }]);
    await large.close();
  });

  it('matches the recipe by name after the file has changed, and names the column that is gone', async () => {
    const recipe = await table('moving.csv', 'a,b,y\n1,2,3.5\n3,4,5.5\n5,7,6.5\n');
    await write('moving.csv', 'y,new,a\n3.5,1,1\n5.5,2,3\n6.5,3,5\n');
    const dataset = await open(recipe);
    expect(dataset.summary.issues).toMatchObject([{ code: 'data.unknown-column', details: { column: 'b' } }]);
    const codes = dataset.summary.report.notes.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['data.note.file-changed', 'data.note.new-column']));
    await expect(dataset.tensors()).rejects.toThrow(/column "b" is in the recipe but not in .*moving\.csv/);
    await dataset.close();
  });
});

describe('rows longer than the buffer the database reads with', () => {
  const short = Array.from({ length: 500 }, (_, row) => `${row},short,${row % 2}`).join('\n');
  const long = 'long-text.'.repeat((9 * 2 ** 20) / 10);
  const lines = long.replaceAll('.', '\n');

  it('are read whole, in one line and over many lines in quotes', async () => {
    const content = `x,text,y\n${short}\n1000,${long},1\n1001,"${lines}",0\n${short}\n`;
    const dataset = await open(withColumns(await table('long.csv', content), { text: { role: 'ignore' } }));
    const { rows, report } = dataset.summary;
    expect({ rows, rejected: report.rejectedCount }).toEqual({ rows: 1002, rejected: 0 });
    const found = (await dataset.rows(500, 2)).rows.map(([x, text]) => [x, String(text).length]);
    expect(found).toEqual([
      [1000, long.length],
      [1001, lines.length],
    ]);
    await dataset.close();
  });

  it('are refused with their line where they are past any use', async () => {
    const rest = '1,some text,1\n'.repeat(5_000_000);
    const file = await write('unclosed.csv', `x,text,y\n${short}\n1,"never closed,1\n${rest}`);
    await expect(guess(file)).rejects.toMatchObject({
      code: 'data.row-too-long',
      details: { line: 502, bytes: '1,"never closed,1\n'.length + rest.length, maximum: 64 * 2 ** 20 },
    });
  });
});
