import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorMessage, errorTexts, isErrorCode, LabError, toErrorRecord } from '../../../../shared/errors';
import { reasonTexts } from '../../../../shared/errors/reasons';
import { describeIssue } from '../../../../shared/errors/zod-issue';
import { parseProject } from '../../../../shared/project/serialise';
import { failure } from '../../src-main/engine/refusals';

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
const russian = (error: LabError) => errorMessage(error, 'ru');
/** Words that are no Russian, paths and names of fields aside. */
const latinWords = (text: string) => text.replace(/[«"][^»"]*[»"]/g, '').match(/[a-z]{3,}/gi) ?? [];

describe('texts of errors and of their reasons', () => {
  it('name the same values in both languages', () => {
    const all = [...Object.entries(errorTexts), ...Object.entries(reasonTexts)];
    expect(all.filter(([, text]) => placeholders(text.en) !== placeholders(text.ru)).map(([key]) => key)).toEqual([]);
    expect(all.filter(([, { en, ru }]) => en.trim() === '' || ru.trim() === '')).toEqual([]);
  });
});

describe('what zod has against a value', () => {
  const schema = z.strictObject({
    count: z.number().int().min(1).max(9),
    rate: z.number().positive(),
    share: z.number().lt(1),
    name: z.string().min(1).max(3),
    list: z.array(z.number()).min(1),
    kind: z.enum(['a', 'b']),
    id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
    either: z.union([z.number(), z.null()]),
  });
  const fine = { count: 1, rate: 1, share: 0, name: 'n', list: [1], kind: 'a', id: 'x', either: null };

  it.each([
    [{ count: 'x' }, 'count', 'ожидается число'],
    [{ count: 1.5 }, 'count', 'ожидается целое число'],
    [{ count: undefined }, 'count', 'значение не задано (ожидается число)'],
    [{ count: 0 }, 'count', 'должно быть не меньше 1'],
    [{ count: 10 }, 'count', 'должно быть не больше 9'],
    [{ rate: 0 }, 'rate', 'должно быть больше 0'],
    [{ share: 1 }, 'share', 'должно быть меньше 1'],
    [{ name: '' }, 'name', 'длина должна быть не меньше 1'],
    [{ name: 'long' }, 'name', 'длина должна быть не больше 3'],
    [{ list: [] }, 'list', 'длина должна быть не меньше 1'],
    [{ list: [1, 'x'] }, 'list.1', 'ожидается число'],
    [{ kind: 'c' }, 'kind', 'ожидается одно из: a, b'],
    [{ id: 'X' }, 'id', 'должно иметь вид строчные латинские буквы, цифры и дефисы'],
    [{ either: 'x' }, 'either', 'не подходит ни под одну из возможных форм'],
    [{ other: 1 }, '(весь файл)', 'неизвестные поля: other'],
  ])('%j is told in Russian', (change, field, reason) => {
    const parsed = schema.safeParse({ ...fine, ...change });
    const details = { path: 'p', ...describeIssue(parsed.error!) };
    expect(russian(new LabError('project.invalid', details))).toContain(`в поле «${field}»: ${reason}.`);
  });

  it('stands inside other sentences', () => {
    const details = { call: 'c', field: 'epochs', reason: 'at-field', issue: 'wrong-type', expected: 'int' };
    const error = new LabError('app.invalid-call', details);
    expect(error.message).toBe('The call "c" was refused: at "epochs" expected a whole number.');
    expect(russian(error)).toBe('Вызов «c» отклонён: в поле «epochs»: ожидается целое число.');
  });
});

describe('other reasons', () => {
  it.each([
    ['{"format": 1,\n"name": "x" 2}', 'ошибка в строке 2'],
    ['{"format": 1,\n"name": }', 'ошибка рядом с «'],
    ['{"format": 1', 'он обрывается слишком рано'],
    ['[]', 'ожидается объект'],
  ])('of a project file are told in Russian: %j', (text, reason) => {
    try {
      parseProject(text, 'p');
      expect.unreachable();
    } catch (error) {
      expect(russian(error as LabError)).toContain(reason);
    }
  });

  it('of a missing file are no defect, and are told in both languages', async () => {
    const error = await readFile('/nowhere/model.onnx').catch((cause: unknown) => cause);
    const record = toErrorRecord(error);
    expect(record).toMatchObject({
      code: 'app.file-failed',
      details: { path: '/nowhere/model.onnx', reason: 'ENOENT' },
    });
    expect(record.message).toContain('there is no such file or folder');
    expect(errorMessage(record, 'ru')).toContain('такого файла или папки нет');
    expect(toErrorRecord(new Error('x')).code).toBe('app.unexpected');
  });

  it.each(failure)('of the engine, such as %s, are told in Russian', (refusal, details) => {
    const error = isErrorCode(refusal)
      ? new LabError(refusal, { ...details, reason: 'card-too-old' })
      : new LabError('engine.failed', { ...details, refusal, detail: '«»' });
    expect(latinWords(russian(error))).toEqual([]);
    expect(errorMessage(error, 'en')).not.toContain(refusal);
  });

  it('of a resume and of the state something is in are told in Russian', () => {
    const said = [
      new LabError('experiment.not-resumable', { experiment: '001', reason: 'no-checkpoint' }),
      new LabError('experiment.not-resumable', { experiment: '001', reason: 'last-epoch-reached' }),
      new LabError('experiment.not-running', { experiment: '001', state: 'paused' }),
      new LabError('experiment.empty-split', { split: 'validation' }),
      new LabError('engine.died', { cause: 'silent', seconds: 15, epoch: 3 }),
      new LabError('engine.call-lost', { cause: 'exit', exitCode: 134, state: 'running', call: 'pause' }),
    ];
    expect(said.flatMap((error) => latinWords(russian(error)))).toEqual([]);
  });
});
