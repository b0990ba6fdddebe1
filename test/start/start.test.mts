import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { badRows } from './badRows.mts';
import type { JsonReport, StartRun } from './startRun.mts';
import { essence, start, startJson } from './startRun.mts';

const good = { customers: 144, devices: 406 };

describe('The default run', () => {
	let run: StartRun;
	beforeAll(async () => {
		run = await start([]);
	});

	test('ends with 0, every good customer is OK and the service holds exactly their devices', () => {
		expect(run.exitCode).toBe(0);
		expect(run.stdout).toContain('144 of 144 customers without a bad row are OK: 144 requests');
		expect(run.stdout).toContain('The service holds exactly 406 devices of 144 customers.');
		expect(run.stdout).toContain('All 512 rows are accounted for.');
		expect(run.stdout.match(/^│ \S+ +│ +\d+ │ OK +│ [0-9a-f-]{36} │ +1 │$/gm)).toHaveLength(144);
		expect(run.stdout.match(/│ +- │ NOT_SENT: withheld for rows? [\d, ]+│/g)).toHaveLength(26);
	});

	test('begins with the summary and ends with whether all is done', () => {
		expect(run.stdout).toMatch(
			/^Pushed to a simulator .*\n144 of 144 customers .*\n39 rows cannot be used: /,
		);
		expect(run.stdout).toMatch(/\n\nDone\.\n$/);
	});

	test('is what the README shows of it', async () => {
		const readme = await readFile('README.md', 'utf8');
		const [, shown = ''] = /^## Try it\n[^]*?```text\n([^]*?)```/m.exec(readme) ?? [];
		const lines = shown
			.trimEnd()
			.split('\n')
			.filter((line) => line !== '…');
		expect(lines.length).toBeGreaterThanOrEqual(7);
		const timeless = (text: string) => text.replace(/in [\d.]+ m?s\./, 'in some time.');
		const printed = timeless(run.stdout).split('\n');
		expect(lines.filter((line) => !printed.includes(timeless(line)))).toEqual([]);
	});

	test('names each bad row by its number and field', () => {
		const named = Array.from(run.stdout.matchAll(/^│ +(\d+) │ \S+ +│ (\w+) +│/gm), ([, row, field]) => [
			Number(row),
			field,
		]);
		expect(named).toEqual(badRows);
	});

	test('shows its progress on stderr', () => {
		expect(run.stderr).toMatch(
			/^Read as UTF-8, separated by ,\n512 rows; .*\nPushing: 0 of 144 customers stored, 0 requests\n/,
		);
		expect(run.stderr).toMatch(/\nPushing: 144 of 144 customers stored, 144 requests\n$/);
	});
});

describe('The result is the same', () => {
	let usual: JsonReport;
	beforeAll(async () => {
		const { exitCode, report } = await startJson([]);
		expect(exitCode).toBe(0);
		usual = report;
	});

	test('as JSON, which names the bad rows as well', () => {
		expect(usual.refusedRows.map(({ row, field }) => [row, field])).toEqual(badRows);
		expect(usual.summary).toMatchObject({ good, stored: { ...good, differing: [] }, refusedRows: 39 });
		expect(usual.customers.filter(({ status }) => status === 'OK')).toHaveLength(144);
	});

	test.each([
		['--rule', 'jsString', 4],
		['--envelope', 'bare', 0],
	])('with %s %s, after %d signatures that were refused', async (flag, value, refused) => {
		const { exitCode, report } = await startJson([flag, value]);
		expect(exitCode).toBe(0);
		expect(essence(report)).toEqual(essence(usual));
		// When a signature is refused, one read tells that the key is right.
		expect(report.summary.requests).toBe(144 + refused + Math.sign(refused));
	});
});

test('--dry-run sends nothing and says what would be sent', async () => {
	const { exitCode, report } = await startJson(['--dry-run']);
	expect(exitCode).toBe(0);
	expect(report.summary).toMatchObject({ good, stored: { ...good, differing: [] }, requests: 0 });
	expect(report.customers.filter(({ status }) => status === 'READY')).toHaveLength(144);
});

test('--strict ends with 1 because of the bad rows alone', async () => {
	const { exitCode, stdout } = await start(['--strict']);
	expect(exitCode).toBe(1);
	expect(stdout).toContain('144 of 144 customers without a bad row are OK');
	expect(stdout).toMatch(/\nDone, but with --strict the rows that cannot be used make the run fail\.\n$/);
});
