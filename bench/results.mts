import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import * as echarts from 'echarts';
import { markdownTable } from 'markdown-table';
import { describeTarget, type Chart, type Section } from './report.mts';

const require = createRequire(import.meta.url);

const RESULTS = new URL('results.md', import.meta.url);

/** Writes what was measured, with its charts, into results.md. The other sections stay as they are. */
export async function writeResults(sections: readonly Section[]): Promise<void> {
	const [, ...before] = (await readFile(RESULTS, 'utf8')).split(/^(?=## )/m);
	const written = new Map(before.map((text) => [/^## (.*)$/m.exec(text)?.[1] ?? '', text.trimEnd()]));
	const date = new Date().toISOString().slice(0, 10);
	// On a busy machine times mean little.
	const [, , load = NaN] = loadavg();
	const when = `Measured on ${date} on ${machine()}; load average ${load.toFixed(1)}.`;
	for (const section of sections) {
		written.set(section.title, toMarkdown(section, when));
		const { chart } = section;
		if (chart !== undefined) await writeFile(new URL(chart.file, import.meta.url), draw(chart));
	}
	const introduction =
		'Made by `npm run bench`. Ratios are the result; times depend on the machine, which each section names.';
	await writeFile(RESULTS, `${['# Results', introduction, ...written.values()].join('\n\n')}\n`);
}

function machine(): string {
	const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
	const [cpu] = cpus();
	const memory = Math.round(totalmem() / 2 ** 30);
	const n8n = (require('../test/e2e/n8n-2/package.json') as { dependencies: { n8n: string } }).dependencies
		.n8n;
	return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, Node ${process.versions.node}, n8n ${n8n}, undici ${version('undici')}`;
}

function toMarkdown(
	{ title, about, head, rows, targets, chart, conclusion = '' }: Section,
	when: string,
): string {
	const table = markdownTable([head, ...rows], { align: head.map((_, index) => (index === 0 ? 'l' : 'r')) });
	const list = targets.map((target) => `- ${describeTarget(target)}`).join('\n');
	const image = chart === undefined ? '' : `![${chart.title}](${chart.file})`;
	const told = `${about} ${when}`;
	return [`## ${title}`, told, image, table, list, conclusion].filter((part) => part !== '').join('\n\n');
}

function draw({ title, categories, series, unit, scale }: Chart): string {
	const chart = echarts.init(null, null, {
		renderer: 'svg',
		ssr: true,
		width: 900,
		height: 120 + 60 * categories.length,
	});
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		title: { text: title, left: 'center' },
		legend: { bottom: 0 },
		grid: { left: 300, right: 70, top: 50, bottom: 60 },
		xAxis: { type: scale, min: scale === 'log' ? 1 : 0 },
		yAxis: { type: 'category', data: categories.toReversed() },
		series: series.toReversed().map(({ name, values }) => ({
			name,
			type: 'bar' as const,
			data: values.toReversed().map((value) => Number(value.toPrecision(2))),
			label: { show: true, position: 'right' as const, formatter: `{c}${unit}` },
		})),
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}
