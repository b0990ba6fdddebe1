import { audit, LISTS, type AuditResult } from '../../audit/audit';
import { AuditReport, type AuditStyle } from '../../audit/report';
import { AuditRows } from '../../audit/rows';
import { phoneNumbers } from '../../binding/phone';
import type { Row } from '../../binding/row';
import { writeEnglish } from '../../messages/text';
import { inBatches } from '../../input/batches';
import { readPath } from '../../input/fieldSource';
import type { Options } from '../../input/fields/field';
import { choices, collection, notice, optional, propertiesOf, text } from '../../input/fields/fields';
import type { Calls, Operation } from '../operation/operation';
import { EFFECTS } from '../../service/actions';
import type { Conduct } from '../../service/delivery/conduct';
import { hasList } from '../../service/delivery/pager';
import { columns, columnsHelp } from './columns';
import { makeRowReader, planRows } from './customerRows';
import { longestRun } from './longestRun';
import { pushOperation } from './push.operation';
import { mappedColumns, rowHandling } from './rowHandling';
import { OPERATION_ADVICE } from '../../messages/operations';

const fields = {
	auditHelp: notice('Audit needs all customers in one run. It only reads, and cannot read bindings.'),
	optionalColumns: collection({
		displayName: 'Optional Columns',
		placeholder: 'Add column',
		description: 'Also to compare',
		fields: {
			phoneNumber: optional(
				text({
					displayName: 'PhoneNumber',
					placeholder: 'e.g. {{ $json.phone }}',
					description: "The customer's phone number",
				}),
			),
		},
	}),
};

const options = {
	rowHandling,
	compare: choices({
		displayName: 'Compare',
		noDataExpression: true,
		default: ['customers', 'devices'],
		options: LISTS.map((name) => ({ name, value: name.toLowerCase() })),
		description: 'Lists to compare with the rows',
	}),
	longestRun: longestRun('Stop reading after this many minutes (0 = no limit)'),
};

interface AuditInput {
	itemIndex: number;
	rows: Row | Row[];
	/** The digits of the phone number that the row has; undefined without one. */
	phone: string | undefined;
}

/** Reads Tencent's lists of devices, customers and orders, and reports how the rows differ from them. */
export const auditOperation: Operation<AuditInput, typeof options> = {
	...pushOperation,
	value: 'audit',
	option: {
		name: 'Audit',
		action: 'Audit device bindings',
		description: "Compare the rows with Tencent's devices, customers and orders; changes nothing",
	},
	toolAdvice: 'It takes the rows of all customers: customers and devices without rows are reported',
	properties: [
		...propertiesOf({ auditHelp: fields.auditHelp }),
		columnsHelp,
		columns,
		...propertiesOf({ optionalColumns: fields.optionalColumns }),
	],
	options,
	action: 'ServiceGetDeviceList',
	effect: EFFECTS.ServiceGetDeviceList,
	refusedAdvice: OPERATION_ADVICE.correctProduct(),

	inputReader({ rowHandling: rules }) {
		const readRows = makeRowReader(rules);
		return (reader, itemIndex) => {
			const phone = readPath(reader.read('optionalColumns', itemIndex), ['phoneNumber']);
			return { itemIndex, rows: readRows(reader, itemIndex), phone: phoneNumbers.digitsOf(phone) };
		};
	},

	async toCalls(batches, chosen): Promise<Calls> {
		const auditRows = new AuditRows();
		async function* recordRows() {
			for await (const batch of batches) {
				for (const { itemIndex, rows: rowsOfItem, phone } of batch) {
					for (const row of [rowsOfItem].flat()) {
						auditRows.recordRow(row);
					}
					if (phone !== undefined) {
						auditRows.phoneByRow.set(itemIndex, phone);
					}
				}
				yield batch.map((input) => input.rows);
			}
		}
		const { calls, leftOut, countNamedDevices, ...pushPlan } = await planRows(
			recordRows(),
			chosen.rowHandling,
		);
		for await (const batch of inBatches(calls)) {
			for (const { customer, itemIndexes, parametersByRow } of batch) {
				auditRows.addCustomer(customer.id, itemIndexes, parametersByRow());
			}
		}
		// Push leaves out customers without a device. An audit also compares them.
		for (const [id, itemIndexes] of leftOut) {
			auditRows.addCustomer(id, itemIndexes);
		}
		const areRowsWithoutIdUnowned = chosen.rowHandling.emptyCustomerId === 'nobody';
		const { unreadableDeviceRowCount = 0 } = await countNamedDevices();
		auditRows.finish(pushPlan.withheld, !areRowsWithoutIdUnowned, unreadableDeviceRowCount > 0);
		const itemIndexes = [...auditRows.customers.values()].flat().sort((a, b) => a - b);
		const hasNoRows = itemIndexes.length + pushPlan.withheld.length === 0;
		const chosenLists = LISTS.filter((list) => chosen.compare.includes(list.toLowerCase()));
		const conduct: Conduct = async (requests) => await audit(auditRows, chosenLists, requests);
		return { ...pushPlan, calls: hasNoRows ? [] : [{ parameters: {}, itemIndexes, conduct }] };
	},

	isDone: (data) => LISTS.some((list) => hasList(data, list)),
	reads: [...LISTS, 'Total'],
	customers: { purpose: 'audit', columns: mappedColumns },
	toJson: () => ({}),
	toOutputs: ({ itemIndexes }, { data }, chosen: Options<typeof options> & AuditStyle) =>
		new AuditReport(data.audit as AuditResult).items(itemIndexes, chosen),
	countDone: (_, __, ___, data) =>
		data === undefined
			? 'nothing was compared'
			: writeEnglish(new AuditReport(data.audit as AuditResult).describe(), 'hint'),
	unit: 'page',
	namedBy: [],
};
