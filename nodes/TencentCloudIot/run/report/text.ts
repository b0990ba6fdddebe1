import { namedRows, rowNumber } from '../../input/finding';
import { findingInChinese, reasonInChinese, storedInChinese } from '../../service/chinese';
import { describe } from '../../service/outcome';
import { shownText } from '../../shown';
import type { OwnFailure, ReportStyle } from './runReport';
import type { sayRun } from './summary';

/** A WeCom message takes 2,048 bytes: the rest is for the links that a workflow adds. */
export const MOST_BYTES = 1_700;

/** The most failures that are named, and characters of each. */
const MOST_FAILURES = 3;
const LONGEST_FAILURE = 120;

/** The message about a run, ready to be sent: Chinese, then English; each what it came to, the first failures, what to do. */
export function writeText(
	{ english, chinese }: ReturnType<typeof sayRun>,
	failures: readonly OwnFailure[],
	{ isNaming }: Pick<ReportStyle, 'isNaming'>,
): string {
	// What failed for a reason of the whole run has it in the first sentence.
	const named = isNaming ? failures.filter(({ failure }) => failure.scope === 'call') : [];
	const linesOf = (describeOne: (one: OwnFailure) => string) =>
		named.slice(0, MOST_FAILURES).map((one) => `· ${shownText(describeOne(one), LONGEST_FAILURE)}`);
	const [inChinese, inEnglish] = [linesOf(lineInChinese), linesOf(line)];
	for (let count = inEnglish.length; count >= 0; count--) {
		const parts = [
			[chinese.state, ...inChinese.slice(0, count), chinese.advice],
			[english.state, ...inEnglish.slice(0, count), english.advice],
		].map((lines) =>
			lines
				.filter((text) => text !== '')
				.map((text) => shownText(text))
				.join('\n'),
		);
		const text = parts.join('\n');
		if (Buffer.byteLength(text) <= MOST_BYTES) return text;
		if (count === 0) return fitted(parts);
	}
	return '';
}

/** Each cut to its half, or to what the other one leaves. */
function fitted([first = '', second = '']: readonly string[]): string {
	const most = MOST_BYTES - 1;
	const half = Math.floor(most / 2);
	const ofSecond = Math.max(half, most - Buffer.byteLength(first));
	const end = cutToBytes(second, ofSecond);
	return `${cutToBytes(first, most - Buffer.byteLength(end))}\n${end}`;
}

const CUT = '…';

/** Never within a character as a reader sees it. */
function cutToBytes(text: string, most: number): string {
	if (Buffer.byteLength(text) <= most) return text;
	let bytes = Buffer.byteLength(CUT);
	let cut = '';
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		bytes += Buffer.byteLength(segment);
		if (bytes > most) break;
		cut += segment;
	}
	return cut + CUT;
}

/** "[row 3, c017] 'DeviceId': 'CAM01-d20' is not ProductId/DeviceName. Nothing was sent." */
function line({ failure, customerId, itemIndexes }: OwnFailure): string {
	if (failure.code === 'INVALID_ROWS') return describe(failure);
	return `[${[namedRows(itemIndexes), customerId ?? []].flat().join(', ')}] ${describe(failure)}`;
}

/** "第 3 行 c017：DeviceId“CAM01-d20”须为 ProductId/DeviceName（未发送）" */
function lineInChinese({ failure, customerId = '', itemIndexes, findings = [] }: OwnFailure): string {
	const [first] = findings;
	const quoted = first?.value === undefined ? '' : `“${first.value}”`;
	const what =
		first === undefined
			? reasonInChinese(failure, true)
			: `${first.field}${quoted}${findingInChinese(first.text)}`;
	const row = rowNumber(first?.itemIndex ?? itemIndexes[0] ?? 0);
	return `第 ${row} 行 ${customerId}：${what}（${storedInChinese(failure)}）`;
}
