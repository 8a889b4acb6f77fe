/** The address of a file, as Vite and the build of this package give it. */
declare module '*.wasm?url' {
  const url: string;
  // biome-ignore lint/style/noDefaultExport: bundlers export addresses so
  export default url;
}
