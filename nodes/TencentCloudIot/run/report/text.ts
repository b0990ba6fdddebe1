import { type Finding, namedRows, rowNumber } from '../../input/finding';
import { findingInChinese, reasonInChinese, storedInChinese } from '../../messages/failures';
import type { Message } from '../../messages/message';
import { describe, type Failure } from '../../service/outcome';
import { shownText } from '../../host/shown';
import type { MessageStyle, sayRun } from './summary';

/** A WeCom message takes 2,048 bytes: the rest is for the links that a workflow adds. */
const MOST_BYTES = 1_700;

/** The most failures that are named, and characters of each. */
const MOST_FAILURES = 3;
const LONGEST_FAILURE = 120;

/** A failure, and whom it concerns. */
export interface OwnFailure {
	failure: Failure;
	customerId?: string | undefined;
	itemIndexes: readonly number[];
	/** What is wrong with its rows. */
	findings?: readonly Finding[];
	/** What failed first of a run that went no further. */
	isEnd?: boolean;
}

/** The message about a run, ready to be sent: Chinese, then English; each what it came to, the first failures, what to do. */
export function writeText(
	{ state, advice }: ReturnType<typeof sayRun>,
	failures: readonly OwnFailure[],
	{ isNaming }: Pick<MessageStyle, 'isNaming'>,
): string {
	// What failed for a reason of the whole run has it in the first sentence.
	const named = isNaming ? failures.filter(({ failure }) => failure.scope === 'call') : [];
	const lines = named.slice(0, MOST_FAILURES).map(lineOf);
	const write = (language: 0 | 1, count: number) => {
		const some = lines.slice(0, count).map((line) => `· ${shownText(line[language], LONGEST_FAILURE)}`);
		const all = [shownText(state[language]), ...some, shownText(advice[language])];
		return all.filter((text) => text !== '').join('\n');
	};
	const texts = [...lines.keys(), lines.length].map((count) => [write(1, count), write(0, count)] as const);
	const fitting = texts.findLast((parts) => Buffer.byteLength(parts.join('\n')) <= MOST_BYTES);
	if (fitting !== undefined) return fitting.join('\n');
	// Each is cut to its half, or to what the other one leaves.
	const [chinese, english] = texts[0]!;
	const most = MOST_BYTES - 1;
	const end = cutToBytes(english, Math.max(Math.floor(most / 2), most - Buffer.byteLength(chinese)));
	return `${cutToBytes(chinese, most - Buffer.byteLength(end))}\n${end}`;
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
function lineOf({ failure, customerId, itemIndexes, findings = [] }: OwnFailure): Message {
	const [first] = findings;
	const row = `第 ${rowNumber(first?.itemIndex ?? itemIndexes[0] ?? 0)} 行 ${customerId ?? ''}`;
	const stored = storedInChinese(failure);
	if (first !== undefined && failure.code === 'INVALID_ROWS')
		return [describe(failure), `${row}：${findingInChinese(first)}（${stored}）`];
	const who = [namedRows(itemIndexes), customerId ?? []].flat().join(', ');
	return [`[${who}] ${describe(failure)}`, `${row}：${reasonInChinese(failure, true)}（${stored}）`];
}
