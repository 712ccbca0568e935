// Runs the built main process as Electron would, trains an example through its messages, quits, and prints what it saw.
import { probe, app } from 'electron';

const loaded = new Promise((resolve) => probe.events.once('loaded', resolve));
await import('./out/main/main.js');
const window = await loaded;

const page = { url: 'app://deltalab/', parent: null };
const call = async (name, input, senderFrame = page) => {
  const result = await probe.handlers.get('lab:call')({ senderFrame }, name, input);
  if (!result.ok) throw new Error(`${name}: ${result.error.message}`);
  return result.value;
};

const seen = { progress: 0, states: [] };
let finished;
const end = new Promise((resolve) => (finished = resolve));
probe.events.on('lab:event', (event, payload) => {
  if (event === 'experiment.progress') seen.progress += 1;
  if (event !== 'experiment.changed' || !payload.summary) return;
  seen.states.push(payload.summary.state);
  if (payload.summary.state === 'finished' || payload.summary.state === 'failed') finished(payload.summary);
});

const answer = await probe.schemes.get('app')(new Request('app://deltalab/'));
const info = await call('app.info', {});
const project = await call('projects.create', { name: 'Driven', example: 'lecture-regression' });
await call('experiments.start', { project: project.id });
const summary = await end;
const foreign = await call('app.info', {}, { url: 'https://evil.example/', parent: null }).then(
  () => 'answered',
  (error) => error.message,
);

process.once('exit', (code) => {
  const left = probe.forked.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
  process.stdout.write(
    `${JSON.stringify({
      address: window.address,
      preload: window.options.webPreferences.preload,
      page: { status: answer.status, policy: answer.headers.get('content-security-policy') },
      door: info.door,
      openProject: info.openProject,
      state: summary.state,
      epoch: summary.lanes[0].epoch,
      loss: summary.lanes[0].last.training.loss,
      progress: seen.progress,
      foreign,
      engines: probe.forked.length,
      left,
      code,
    })}\n`,
  );
});
app.quit();
