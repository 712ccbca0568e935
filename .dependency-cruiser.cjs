/** Import boundaries: which runtime may use which folder (docs/design.md, "Processes"). */
module.exports = {
  forbidden: [
    {
      name: 'shared-stands-alone',
      comment: 'shared code runs in every process: it may use nothing but itself and zod',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', '^node_modules/zod/'] },
    },
    {
      name: 'page-knows-only-shared',
      comment: 'the page talks to LabApi; it never reaches into the host, and uses nothing of Node',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: ['^src-main/', '^tests/', '^src-native/'] },
    },
    {
      name: 'page-without-node',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'main-without-page',
      severity: 'error',
      from: { path: '^src-main/' },
      to: { path: ['^src-renderer/', '^tests/'] },
    },
    {
      name: 'electron-behind-its-door',
      comment: 'only src-main/electron may know Electron; the same host runs in a browser and on the command line',
      severity: 'error',
      from: { path: '^(src-main/(?!electron/)|shared/|src-renderer/)' },
      to: { path: '^(node_modules/electron/|electron$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'host-without-doors',
      comment: 'doors use the host, never the other way round',
      severity: 'error',
      from: { path: '^src-main/(lab|data|onnx|engine)/' },
      to: { path: '^src-main/(electron|serve|cli)/' },
    },
    {
      name: 'addon-in-the-engine-process-only',
      comment: 'a crash of native code must end that process, never the app',
      severity: 'error',
      from: {
        path: '^src-main/(?!engine/process)',
        pathNot: '^src-main/(engine/(addon|process|worker)|scratchpad/kernel-worker)',
      },
      to: { path: '^src-main/engine/addon' },
    },
    {
      name: 'no-cycles',
      comment: 'a circle that an "import type" closes is none at run time: types may refer to each other',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|release)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.vue', '.js', '.mjs', '.cjs'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
