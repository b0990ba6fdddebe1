import { counted, firstOf } from './counted.mts';
import { printable } from './printable.mts';
import type { FailedItem, Items } from './runRows.mts';
import type { SyncRuns } from './syncRuns.mts';
import type { Paint } from './terminal.mts';
import type { RunFacts, Verdict } from './verdict.mts';
import { bindingsOf, countDevices } from './verdict.mts';

/** A run over rows, for its printed result. */
export interface PushResult extends RunFacts {
	readonly dryRun: boolean;
	readonly seconds: number;
	/** Requests that the simulator received. */
	readonly requests: number;
	readonly verdict: Verdict;
	/** Where the whole list is. */
	readonly list: string;
}

/** The maximum length of a line of the result; the list has the whole text. */
const LONGEST_LINE = 110;

/** The most kinds of reasons in the result; the list has all of them. */
const MOST_KINDS = 4;

/** The result's lines begin with a name of this width. */
const NAME_WIDTH = 12;

/** The last part of a push's output: the execution hint as n8n shows it, then the result in at most ten lines. */
export function describePush(result: PushResult, paint: Paint): string {
	const { items, dryRun, requests, seconds, verdict, list } = result;
	const bindings = bindingsOf(items);
	const devices = `${counted(countDevices(bindings), 'device')} of ${counted(bindings.size, 'customer')}`;
	const done = dryRun
		? `${devices} could be pushed; a Dry Run sends nothing`
		: `${devices}, to the simulator: ${counted(requests, 'request')} in ${seconds.toFixed(1)} s`;
	const lines = [
		line(dryRun ? 'Dry Run' : 'Pushed', paint(verdict.isDone ? 'good' : 'bad', done)),
		...notPushedLines(items),
		...checkedLines(result, paint),
		line('Whole list', list),
	];
	return [hintText(items, paint), lines.join('\n'), ''].join('\n');
}

/** The last part of the output of three Sync runs. */
export function describeSync({ runs, ...result }: SyncRuns, list: string, paint: Paint): string {
	const hints = runs.flatMap(({ given, items }, index) => [
		paint('faint', `Run ${index + 1}, ${given}. ${HINT_TITLE}`),
		`${items.hint}.`,
		'',
	]);
	const { verdict, changedField, changedCustomers, isDone } = result;
	const sent = runs.map(({ given, requests, seconds }, index) =>
		line(`Run ${index + 1}`, `${given}: ${counted(requests, 'request')}, ${seconds.toFixed(1)} s`),
	);
	const changed = firstOf(changedCustomers.map(printable));
	const change =
		changed === ''
			? 'nothing before run 3: no customer was pushed'
			: `before run 3 these got another ${changedField}: ${changed}`;
	const problems = [...runs.flatMap((run) => run.problems), ...problemsOf(verdict)];
	const checked = problems.map((problem) => line('Checked', paint('bad', problem)));
	if (isDone) {
		const proof = 'the simulator held what the items say after each run';
		const isProven = changed !== '';
		const text = isProven ? `run 2 sent nothing, run 3 exactly what changed, and ${proof}` : proof;
		checked.push(line('Checked', paint('good', text)));
	}
	const lines = [...sent, line('Changed', change), ...checked, line('Whole list', `${list} (run 1)`)];
	return [...hints, ...lines, ''].join('\n');
}

const HINT_TITLE = 'What n8n shows as the hint of the execution:';

function hintText({ hint }: Items, paint: Paint): string {
	return `${paint('faint', HINT_TITLE)}\n${hint}.\n`;
}

function shortened(text: string): string {
	return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
}

function line(name: string, text: string): string {
	return `${name.padEnd(NAME_WIDTH)}${text}`;
}

/** How many customers were not pushed, and why: rows by field, other failures by code. */
function notPushedLines({ failed }: Items): string[] {
	if (failed.length === 0) {
		return [];
	}
	const customers = new Set(failed.flatMap(({ CustomerId }) => CustomerId ?? [])).size;
	const kinds = [...rowKinds(failed), ...otherKinds(failed)];
	const shown = kinds.slice(0, MOST_KINDS).map((kind) => line('', `· ${shortened(kind)}`));
	if (kinds.length > MOST_KINDS) {
		shown.push(line('', `· ${kinds.length - MOST_KINDS} more kinds of reasons`));
	}
	const rows = new Set(failed.flatMap((item) => item.rows)).size;
	const affected = customers > 0 ? counted(customers, 'customer') : counted(rows, 'row');
	return [line('Not pushed', `${affected}, for these reasons:`), ...shown];
}

/** A line for each field with unusable values, most rows first. */
function rowKinds(failed: readonly FailedItem[]): string[] {
	const byField = new Map<string, { rows: Set<number>; example: string }>();
	const reasonsByRow = failed
		.flatMap(({ CustomerId, reasons = [] }) => reasons.map((reason) => ({ ...reason, CustomerId })))
		.sort((a, b) => a.row - b.row);
	for (const { CustomerId, row, field, text } of reasonsByRow) {
		const whose = CustomerId === undefined ? '' : ` of ${printable(CustomerId)}`;
		const kind = byField.get(field) ?? { rows: new Set(), example: `row ${row}${whose} ${text}` };
		kind.rows.add(row);
		byField.set(field, kind);
	}
	return [...byField]
		.sort(([, kind], [, otherKind]) => otherKind.rows.size - kind.rows.size)
		.map(([field, { rows, example }]) => `${field} of ${counted(rows.size, 'row')}, e.g. ${example}`);
}

/** A line for each code of a failure that no row caused. */
function otherKinds(failed: readonly FailedItem[]): string[] {
	const byCode = new Map<string, { count: number; example: string }>();
	for (const { CustomerId = '', code, outcome, message, advice, reasons } of failed) {
		if (reasons !== undefined) {
			continue;
		}
		const kind = byCode.get(code) ?? {
			count: 0,
			example: `${printable(CustomerId)} ${outcome}: ${message} ${advice}.`,
		};
		kind.count++;
		byCode.set(code, kind);
	}
	return [...byCode].map(
		([code, { count, example }]) => `${code} of ${counted(count, 'customer')}, e.g. ${example}`,
	);
}

function checkedLines(result: PushResult, paint: Paint): string[] {
	const { rows, items, answer, dryRun, verdict } = result;
	const problems = problemsOf(verdict);
	if (problems.length > 0) {
		return problems.map((problem) => line('Checked', paint('bad', problem)));
	}
	const devices = counted(countDevices(bindingsOf(items)), 'device');
	const held = dryRun ? 'the simulator got nothing' : `the simulator has the same ${devices}`;
	const expected = answer === undefined ? '' : ', which is what this example must give';
	return [
		line('Checked', `${held}${expected}; accounted for: ${rows.length} of ${counted(rows.length, 'row')}`),
	];
}

/** A sentence for each way in which a run differs from what it reports. */
function problemsOf({ differing, wrong, lostRows, notSent }: Verdict): string[] {
	const kinds: ReadonlyArray<readonly [text: string, things: ReadonlyArray<string | number>]> = [
		['the simulator does not have what the items say of', differing],
		['the items are not what this example must give for', wrong],
		['the items say nothing of rows', lostRows],
		['failed for another reason than their rows:', notSent],
	];
	return kinds
		.filter(([, things]) => things.length > 0)
		.map(([text, things]) => `${text} ${firstOf(things)}`);
}
