/** What results.mts uses of the libraries that only `npm run bench` installs, so that `npm test` can check its types. */
declare module 'echarts' {
	interface Chart {
		setOption(option: object): void;
		renderToSVGString(): string;
		dispose(): void;
	}
	interface ServerSideOptions {
		renderer: 'svg';
		ssr: true;
		width: number;
		height: number;
	}
	export function init(dom: null, theme: null, options: ServerSideOptions): Chart;
}

declare module 'markdown-table' {
	export function markdownTable(
		table: ReadonlyArray<readonly string[]>,
		options: { align: readonly string[] },
	): string;
}
