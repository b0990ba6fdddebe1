import { inGroups } from '../input/batches';
import {
	KINDS,
	EMPTY_IDS,
	sayAudit,
	textsOf,
	type AuditCode,
	type AuditFinding,
	AUDIT_ROWS,
} from '../messages/audit';
import type { Message } from '../messages/message';
import { NO_TEXT, type Text, write, writeSentences } from '../messages/text';
import type { AuditResult } from './audit';
import type { AuditRows } from './rows';

type Json = Record<string, object | string | number | boolean | undefined>;

/** An output item with the rows that it is linked to. */
type AuditOutput = { json: Json; itemIndexes: readonly number[] };

/** The options of the user for the output items. */
export interface AuditStyle {
	outputItemPer: 'request' | 'row' | 'run';
	/** Whether the report names devices and customers. Its records always do. */
	nameCustomers: boolean;
}

/** Shows the result of an audit: as output items, and in a sentence. */
export class AuditReport {
	readonly #result: AuditResult;

	constructor(result: AuditResult) {
		this.#result = result;
	}

	/** The items: one report with the findings as texts, one item for each row, or one for each finding. */
	items(itemIndexes: readonly number[], { outputItemPer, nameCustomers }: AuditStyle): AuditOutput[] {
		const { rows, findings } = this.#result;
		if (outputItemPer === 'row') {
			return this.#rowItems();
		}
		const jsonWithRows = (finding: AuditFinding): Json => {
			const Rows = finding.itemIndexes.map((itemIndex) => rows.numberOf(itemIndex));
			return { ...findingJson(finding), Rows };
		};
		if (outputItemPer === 'request') {
			return findings.map((finding) => ({ json: jsonWithRows(finding), itemIndexes: finding.itemIndexes }));
		}
		const report = { json: this.#report(nameCustomers), itemIndexes };
		// Builds the records of one group at a time. All at once they would take as much memory as their JSON texts.
		const recordTexts = inGroups<Recorded>([...findings, ...rows.unused.named]).map((group) => {
			const records = group.map((recorded) => {
				return 'code' in recorded ? { ...jsonWithRows(recorded), ...recordFacts(recorded) } : recorded;
			});
			return JSON.stringify(records);
		});
		return [report, ...recordTexts.map((Records) => ({ json: { Records }, itemIndexes: [] }))];
	}

	/**
	 * One item for each row: `KNOWN`, a finding about something that Tencent has, or an error. If one row is not confirmed, all rows of its
	 * customer become errors, so that only complete customers continue to a push.
	 */
	#rowItems(): AuditOutput[] {
		const { rows, findings, NotCompared } = this.#result;
		const { customers, withoutDevice } = rows;
		const findingOfRow = new Map<number, Json>();
		const findingJsons = findings.map((finding) => [findingJson(finding), finding.itemIndexes] as const);
		// A finding that leaves its rows unconfirmed comes last, so it replaces any other finding of the same row.
		findingJsons.sort(([a], [b]) => Number(isUnconfirmed(a)) - Number(isUnconfirmed(b)));
		for (const [json, itemIndexes] of findingJsons) {
			for (const itemIndex of itemIndexes) {
				findingOfRow.set(itemIndex, json);
			}
		}
		const findingOfAllRows = findingJsons.find(
			([{ Code, List }]) => Code === 'LIST_INCOMPLETE' && List === 'Customers',
		)?.[0];
		const isChosen = (list: string) => !NotCompared.ListsNotChosen.includes(list);
		const notChosen = notChosenJson();
		const outputs = [...customers].flatMap(([id, itemIndexes]) => {
			const isCompared = isChosen('Customers') && (withoutDevice.has(id) || isChosen('Devices'));
			const firstUnconfirmed = itemIndexes
				.map((itemIndex) => findingOfRow.get(itemIndex))
				.find(isUnconfirmed);
			const whyNotCompared = isCompared ? undefined : notChosen;
			const sharedFinding = firstUnconfirmed ?? findingOfAllRows ?? whyNotCompared;
			return itemIndexes.map((itemIndex) => {
				const rowFinding = findingOfRow.get(itemIndex);
				const shownFinding = isUnconfirmed(rowFinding) ? rowFinding : (sharedFinding ?? rowFinding);
				const isOfOtherRow = shownFinding !== rowFinding && shownFinding === firstUnconfirmed;
				return { json: rowJson(shownFinding, isOfOtherRow), itemIndexes: [itemIndex], isOfOtherRow };
			});
		});
		// A message quotes the first item, so items about their own finding come before those that wait for another row.
		return outputs.sort((a, b) => Number(a.isOfOtherRow) - Number(b.isOfOtherRow));
	}

	/** The only item of a run: what was found, and how much was compared. */
	#report(mayNameIds: boolean): Json {
		const [Summary, SummaryZh] = this.#writeSummary(mayNameIds ? MOST_IDS_IN_SENTENCE : 0);
		const countsByKind = this.#countsByKind(mayNameIds ? MOST_IDS_PER_KIND : 0);
		const {
			rows,
			findings,
			listsRead,
			listsOfUnlistedFindings,
			Complete,
			Compared,
			NotCompared,
			requestCount,
		} = this.#result;
		const NotListed = this.#countUnlisted();
		const { mayNameAnyCustomer, mayNameAnyDevice } = rows.unused;
		// The lists whose ids an unused row may name.
		const listsOfUnused: string[] = [];
		if (mayNameAnyCustomer) {
			listsOfUnused.push('Customers', 'Orders');
		}
		if (mayNameAnyCustomer && mayNameAnyDevice) {
			listsOfUnused.push('Devices');
		}
		for (const productId of rows.deviceNamesByProduct.keys()) {
			if (!rows.devicesByProduct.has(productId)) {
				listsOfUnused.push(`Devices ${productId}`);
			}
		}
		return {
			Summary,
			SummaryZh,
			Complete,
			Findings: { Total: findings.length + NotListed, ...Object.fromEntries(countsByKind) },
			NotListed,
			Compared,
			NotCompared,
			Lists: listsRead,
			// This audit did not compare these lists in full, so it cannot repeat what an earlier audit found about them. Those findings stay open.
			StaysOpen: [
				...NotCompared.ListsNotChosen,
				...NotCompared.ListsNotRead,
				...listsOfUnlistedFindings,
				...listsOfUnused,
			],
			Requests: requestCount,
		};
	}

	/** The summary in both languages. It names fewer ids of each kind if a robot would refuse a message with both. */
	#writeSummary(mostIdsPerKind: number): Message {
		const summary = writeSentences([this.describe(mostIdsPerKind)], 'everything');
		const isTooLong = Buffer.byteLength(summary.join('\n')) > MOST_SUMMARY_BYTES;
		return isTooLong && mostIdsPerKind > 0 ? this.#writeSummary(mostIdsPerKind - 1) : summary;
	}

	/** The result of an audit in one sentence. @param mostIdsPerKind the most ids that it names for each kind. A hint names none */
	describe(mostIdsPerKind = 0): Text {
		return sayAudit(
			this.#countsByKind(),
			{ ...this.#result, NotListed: this.#countUnlisted() },
			mostIdsPerKind,
		);
	}

	/** How many findings of each kind there are, and the ids of the first ones. @param mostIds the most ids of each kind */
	#countsByKind(mostIds = MOST_IDS_PER_KIND) {
		const { findings, unlistedFindings } = this.#result;
		return (Object.keys(KINDS) as AuditCode[]).map((code) => {
			const findingsOfKind = findings.filter((finding) => finding.code === code);
			const Count = findingsOfKind.length + (unlistedFindings.get(code) ?? 0);
			return [code, { Count, First: findingsOfKind.slice(0, mostIds).map(subjectOf) }] as const;
		});
	}

	/** Counts the findings that the audit did not list. */
	#countUnlisted(): number {
		return [...this.#result.unlistedFindings.values()].reduce((sum, count) => sum + count, 0);
	}
}

/** A finding, or a customer or device that only unused rows name. */
type Recorded = AuditFinding | AuditRows['unused']['named'][number];

/** The id that a finding is about: `LOCK01/d3`. */
function subjectOf(finding: AuditFinding): string {
	return finding[KINDS[finding.code].subject];
}

/** The further members of a finding in `Records`. Its `Key` is the same in every audit, so a workflow can compare audits. */
function recordFacts(finding: AuditFinding): Json {
	const { code, OrderNo, CustomerId, isUnsure = false } = finding;
	// No page of the documentation says that an OrderNo is unique, so the key also has the CustomerId.
	const subject = OrderNo === '' ? subjectOf(finding) : `${CustomerId} ${subjectOf(finding)}`;
	return { Key: `${code} ${subject}`, Unsure: isUnsure };
}

/** A finding as output items have it. All findings have the same members. */
function findingJson(finding: AuditFinding): Json {
	const ids = Object.keys(EMPTY_IDS).map((name) => [name, finding[name as keyof typeof EMPTY_IDS]] as const);
	const { Label, LabelZh, ...texts } = textsOf(finding);
	return { Code: finding.code, Label, LabelZh, ...Object.fromEntries(ids), ...texts };
}

/** The members of an item for a row that the audit cannot confirm, because the user did not choose the list that would show it. */
function notChosenJson(): Json {
	const [Message, MessageZh] = write(AUDIT_ROWS.notChosen.message(), 'everything');
	const [Advice, AdviceZh] = write(AUDIT_ROWS.notChosen.advice(), 'everything');
	return { Code: 'LIST_NOT_CHOSEN', Nearest: '', Message, MessageZh, Advice, AdviceZh };
}

/** The codes of findings that leave a row unconfirmed: Tencent lacks its customer or its device, or nobody knows. */
const UNCONFIRMED_CODES =
	/^(?:(?:DEVICE|CUSTOMER)_UNKNOWN|PRODUCT_NOT_READABLE|LIST_INCOMPLETE|LIST_NOT_CHOSEN)$/;

const isUnconfirmed = (finding: Json | undefined) => UNCONFIRMED_CODES.test(String(finding?.Code));

function rowJson(finding: Json | undefined, isOfOtherRow: boolean): Json {
	const { Code = 'KNOWN', Message = '', MessageZh = '', Advice, AdviceZh, Nearest } = finding ?? {};
	if (!isUnconfirmed(finding)) {
		return { Status: Code, Message, MessageZh };
	}
	const [prefix, prefixZh] = write(isOfOtherRow ? AUDIT_ROWS.waits() : NO_TEXT, 'everything');
	const texts = { message: `${prefix}${String(Message)}`, messageZh: `${prefixZh}${String(MessageZh)}` };
	return {
		error: { ...texts, code: Code, Status: Code, Nearest, attempts: 0, advice: Advice, adviceZh: AdviceZh },
	};
}

/** The most ids that a report, or its summary, names for each kind of finding. */
const MOST_IDS_PER_KIND = 10;
const MOST_IDS_IN_SENTENCE = 3;

/** The most bytes of both summaries together. WeCom accepts messages of up to 2,048 bytes. */
const MOST_SUMMARY_BYTES = 2_000;
