import { describe, expect, it } from 'vitest';
import { reactive } from 'vue';
import type { ElectronBridge, WireResult } from '../../../../shared/api/wire';
import { LabError } from '../../../../shared/errors';
import { electronLab } from '../../../../src-renderer/client/electron';

function bridge(answer: (name: string, input: unknown) => WireResult) {
  let listener: ((event: string, payload: unknown) => void) | null = null;
  const shown: string[] = [];
  const made: ElectronBridge<File> = {
    call: (name, input) => Promise.resolve(answer(name, structuredClone(input))),
    on: (listen) => {
      listener = listen;
      return () => undefined;
    },
    pathForFile: (file) => `/home/me/${file.name}`,
    showInFolder: (path) => {
      shown.push(path);
      return Promise.resolve();
    },
  };
  return { made, shown, emit: (event: string, payload: unknown) => listener?.(event, payload) };
}

describe('the lab in Electron', () => {
  it('passes calls on as plain data, even from reactive objects', async () => {
    const { made } = bridge((name, input) => ({ ok: true, value: { name, input } }));
    const input = reactive({ project: 'p', paths: ['/a.csv'] });
    expect(await electronLab(made).call('data.import', input)).toEqual({
      name: 'data.import',
      input: { project: 'p', paths: ['/a.csv'] },
    });
  });

  it('turns error records into LabErrors', async () => {
    const error = new LabError('project.not-open').toRecord();
    const { made } = bridge(() => ({ ok: false, error }));
    await expect(electronLab(made).call('app.info', {})).rejects.toMatchObject({ code: 'project.not-open' });
  });

  it('hands events on, names dropped files by path, shows exports in their folder', async () => {
    const { made, shown, emit } = bridge(() => ({ ok: true, value: null }));
    const lab = electronLab(made);
    const heard: number[] = [];
    lab.on('project.saved', ({ revision }) => heard.push(revision));
    emit('project.saved', { project: 'p', revision: 4, savedAt: '' });
    expect(heard).toEqual([4]);
    expect(await lab.reference(new File(['1'], 'iris.csv'))).toBe('/home/me/iris.csv');
    await lab.download({ path: '/exports/m.onnx', downloadId: 'x' });
    expect(shown).toEqual(['/exports/m.onnx']);
    expect(lab.connection.value).toBe('connected');
  });
});
