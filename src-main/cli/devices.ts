import { withLab } from './host';

export async function devices(options: { json?: boolean }): Promise<void> {
  const found = await withLab((lab) => lab.call('devices.list', {}));
  for (const device of found)
    console.log(
      options.json
        ? JSON.stringify(device)
        : `${device.id}\t${device.name}\t${device.detail}${device.reason ? `\tnot usable: ${device.reason}` : ''}`,
    );
}
