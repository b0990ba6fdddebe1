import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { createRequire } from 'node:module';
import * as echarts from 'echarts';
import { markdownTable } from 'markdown-table';
import type { CaseRatios } from './endToEnd.mts';
import { describeTarget, type Section } from './report.mts';

const require = createRequire(import.meta.url);

/** Writes results.md, and the chart that it shows. */
export async function writeResults(
	sections: readonly Section[],
	ratios: readonly CaseRatios[],
): Promise<void> {
	const parts = [
		'# Results',
		`Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}. Ratios are the result; times depend on the machine.`,
		...(ratios.length > 0 ? ['![How many times less time than Code and HTTP Request](results.svg)'] : []),
		...sections.map(toMarkdown),
	];
	await writeFile(new URL('results.md', import.meta.url), `${parts.join('\n\n')}\n`);
	if (ratios.length > 0) await writeFile(new URL('results.svg', import.meta.url), drawRatios(ratios));
}

function machine(): string {
	const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
	const [cpu] = cpus();
	const memory = Math.round(totalmem() / 2 ** 30);
	const n8n = (require('../test/e2e/n8n-2/package.json') as { dependencies: { n8n: string } }).dependencies
		.n8n;
	return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, Node ${process.versions.node}, n8n ${n8n}, undici ${version('undici')}`;
}

function toMarkdown({ title, about, head, rows, targets }: Section): string {
	const table = markdownTable([head, ...rows], { align: head.map((_, index) => (index === 0 ? 'l' : 'r')) });
	const list = targets.map((target) => `- ${describeTarget(target)}`).join('\n');
	return [`## ${title}`, about, table, list].filter((part) => part !== '').join('\n\n');
}

/** A chart of bars as SVG text: how many times less wall time and processor time this node took, on a log scale. */
function drawRatios(ratios: readonly CaseRatios[]): string {
	const chart = echarts.init(null, null, {
		renderer: 'svg',
		ssr: true,
		width: 900,
		height: 120 + 60 * ratios.length,
	});
	const cases = ratios.toReversed();
	const series = (name: string, values: number[]) => ({
		name,
		type: 'bar' as const,
		data: values.map((value) => Number(value.toPrecision(2))),
		label: { show: true, position: 'right' as const, formatter: '{c} ×' },
	});
	chart.setOption({
		animation: false,
		backgroundColor: '#ffffff',
		title: { text: 'How many times less than Code and HTTP Request nodes', left: 'center' },
		legend: { bottom: 0 },
		grid: { left: 300, right: 70, top: 50, bottom: 60 },
		xAxis: { type: 'log', min: 1 },
		yAxis: { type: 'category', data: cases.map(({ name }) => name) },
		series: [
			series(
				'processor time',
				cases.map(({ cpu }) => cpu),
			),
			series(
				'wall time',
				cases.map(({ wall }) => wall),
			),
		],
	});
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}
