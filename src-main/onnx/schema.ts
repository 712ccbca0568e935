import protobuf from 'protobufjs/light.js';

/**
 * The messages of an ONNX file, as far as we read and write them: names and field numbers of onnx.proto (IR version 8).
 * Sub-graphs, functions and sparse tensors are left out, so that reading skips them and never recurses; the attribute's
 * `type` still says that one was there.
 */
type Rule = 'repeated' | undefined;
const field = (id: number, type: string, rule?: Rule, options?: Record<string, unknown>): protobuf.IField => ({
  id,
  type,
  ...(rule ? { rule } : {}),
  ...(options ? { options } : {}),
});
const unpacked = { packed: false };
const packed = { packed: true };

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        producerVersion: field(3, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: field(8, 'OperatorSetIdProto', 'repeated'),
        metadataProps: field(14, 'StringStringEntryProto', 'repeated'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    GraphProto: {
      fields: {
        node: field(1, 'NodeProto', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'TensorProto', 'repeated'),
        input: field(11, 'ValueInfoProto', 'repeated'),
        output: field(12, 'ValueInfoProto', 'repeated'),
        valueInfo: field(13, 'ValueInfoProto', 'repeated'),
      },
    },
    NodeProto: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'AttributeProto', 'repeated'),
        domain: field(7, 'string'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        t: field(5, 'TensorProto'),
        floats: field(7, 'float', 'repeated', unpacked),
        ints: field(8, 'int64', 'repeated', unpacked),
        strings: field(9, 'bytes', 'repeated'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: {
        dims: field(1, 'int64', 'repeated', unpacked),
        dataType: field(2, 'int32'),
        floatData: field(4, 'float', 'repeated', packed),
        int32Data: field(5, 'int32', 'repeated', packed),
        int64Data: field(7, 'int64', 'repeated', packed),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        doubleData: field(10, 'double', 'repeated', packed),
        uint64Data: field(11, 'uint64', 'repeated', packed),
        externalData: field(13, 'StringStringEntryProto', 'repeated'),
        dataLocation: field(14, 'int32'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: field(1, 'DimensionProto', 'repeated') } },
    DimensionProto: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
});

export const modelType = root.lookupType('ModelProto');
/** Also a file of its own: the inputs and outputs that come with ONNX's operator tests. */
export const tensorType = root.lookupType('TensorProto');

/** TensorProto.DataType */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
} as const;

/** AttributeProto.AttributeType */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  graphs: 10,
} as const;

/** An int64 as protobufjs gives it: a number, or a Long with its two 32-bit halves. */
export type RawInteger = number | { low: number; high: number };

export interface RawModel {
  irVersion: RawInteger;
  producerName: string;
  graph?: RawGraph | null;
  opsetImport: { domain: string; version: RawInteger }[];
  metadataProps: { key: string; value: string }[];
}

export interface RawGraph {
  name: string;
  node: RawNode[];
  initializer: RawTensor[];
  input: RawValue[];
  output: RawValue[];
  valueInfo: RawValue[];
}

export interface RawNode {
  name: string;
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: RawAttribute[];
}

export interface RawAttribute {
  name: string;
  type: number;
  f: number;
  i: RawInteger;
  s: Uint8Array;
  t?: RawTensor | null;
  floats: number[];
  ints: RawInteger[];
  strings: Uint8Array[];
}

export interface RawTensor {
  name: string;
  dims: RawInteger[];
  dataType: number;
  rawData: Uint8Array;
  floatData: number[];
  int32Data: number[];
  int64Data: RawInteger[];
  doubleData: number[];
  uint64Data: RawInteger[];
  externalData: unknown[];
  dataLocation: number;
}

export interface RawValue {
  name: string;
  type?: { tensorType?: { elemType: number; shape?: { dim: RawDimension[] } | null } | null } | null;
}

export interface RawDimension {
  dimValue: RawInteger;
  dimParam: string;
}

export function toBigInt(value: RawInteger): bigint {
  if (typeof value === 'number') return BigInt(value);
  return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}
