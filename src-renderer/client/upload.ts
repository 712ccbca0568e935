import { uploadAnswerSchema } from '../../shared/api/wire';
import { LabError } from '../../shared/errors';
import { errorRecordSchema } from './error-record';

/** Hands a file to the host and returns the path where it keeps it. XMLHttpRequest, since fetch tells no upload progress. */
export function upload(origin: string, file: File, onProgress?: (fraction: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${origin}/upload?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onerror = () => reject(new LabError('serve.upload-failed', { file: file.name, reason: 'connection lost' }));
    request.onload = () => {
      const answer = uploadAnswerSchema.safeParse(parse(request.responseText));
      if (request.status === 200 && answer.success) resolve(answer.data.path);
      else reject(refusal(request, file));
    };
    request.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function refusal(request: XMLHttpRequest, file: File): LabError {
  const record = errorRecordSchema.safeParse(parse(request.responseText));
  if (record.success) return LabError.fromRecord(record.data);
  return new LabError('serve.upload-failed', { file: file.name, reason: `${request.status} ${request.statusText}` });
}
