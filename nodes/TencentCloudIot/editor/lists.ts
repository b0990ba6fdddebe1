import type {
	ILoadOptionsFunctions,
	INodeListSearchItems,
	FieldType,
	INodePropertyOptions,
	ResourceMapperField,
} from 'n8n-workflow';

import type { PickList, FieldList } from '../input/fields/field';
import { isObject } from '../service/response/parseResponse';
import { type ResponseData, explain, requestFailureOf } from '../service/outcome';
import { hasList } from '../service/delivery/pager';
import { PAGE_SIZE, readPage } from '../service/paging';
import type { Parameters } from '../service/signing/signature';
import { maskPhones } from '../messages/words';
import { parseJsonText } from '../resources/operation/responseValues';
import { shownError, shownText } from '../host/shown';
import { FIELDS } from '../binding/row';
import type { Operation } from '../resources/operation/operation';
import { sendOnce } from '../service/delivery/attempt';
import { hostOf } from '../host/requests';
import { systemClock } from '../host/systemClock';
import { cleanServerText } from '../service/response/serverText';
import { OPERATION_ADVICE } from '../messages/operations';

/** The most pages that one search reads to find a match. The user can load more. */
const MOST_PAGES = 10;

/** A list of the service whose records a user can pick from. */
interface RecordList {
	/** The Action and its own parameters, without those of a page. */
	parameters: Parameters;
	/** The member of a response that has the records. */
	member: string;
	/** The member of a record that becomes the value of the field. */
	idMember: string;
	/** The name that the list shows, if it is not the id. n8n stores it in the workflow and passes it to models. */
	nameOf?(record: ResponseData): string;
	/** A further member that the search compares with what the user types. */
	searchedMember?: string;
}

/** What a user can pick from in the panel. */
export const editorLists = {
	customers: {
		method: 'searchCustomers',
		search: searchOf(() => ({
			parameters: { Action: 'ServiceGetCustomerList' },
			member: 'Customers',
			idMember: 'CustomerId',
			nameOf: nameOfCustomer,
			searchedMember: 'PhoneNumber',
		})),
	},
	/** The devices of the chosen product. */
	devices: {
		method: 'searchDevices',
		search: searchOf((context) => ({
			parameters: { Action: 'ServiceGetDeviceList', ProductId: chosenProduct(context, 'devices') },
			member: 'Devices',
			idMember: 'DeviceName',
		})),
	},
	/** The properties of the chosen product. */
	properties: { method: 'searchProperties', search: searchModel('properties') },
	/** The actions of the chosen product. */
	actions: { method: 'searchActions', search: searchModel('actions') },
	/** The writable properties of the chosen product. If this threw, the mapper would show its own notice instead of the error. */
	settableProperties: {
		method: 'getProperties',
		async list() {
			try {
				return { fields: (await readModel(this, 'properties', ({ mode }) => mode !== 'r')).map(toField) };
			} catch (cause) {
				return { fields: [], emptyFieldsNotice: shownText((cause as Error).message) };
			}
		},
	},
	/** The four columns that a push needs. */
	columns: {
		method: 'getColumns',
		// No column is required: a field that is left empty is mapped automatically if exactly one column certainly fits it.
		list: async () => ({ fields: FIELDS.map((field) => mapperField(field, field)) }),
	},
} satisfies Record<string, PickList | FieldList>;

/** The customer's id, and the phone number if Tencent has one: `user_1 (+86 138****8000)`. */
function nameOfCustomer({ CustomerId, CountryCode, PhoneNumber }: ResponseData): string {
	const id = maskPhones(String(CustomerId));
	const number = textOf(PhoneNumber);
	if (number === '') {
		return id;
	}
	const country = textOf(CountryCode);
	const prefix = country === '' ? '' : `+${country} `;
	return `${id} (${prefix}${maskPhones(number)})`;
}

/** A member of a record that is a text or a number, as text; empty for anything else. */
function textOf(member: unknown): string {
	return typeof member === 'string' || typeof member === 'number' ? String(member) : '';
}

/** Makes the search of a list. The service can only filter by whole values, so the search reads page after page and filters the records. */
function searchOf(listOf: (context: ILoadOptionsFunctions) => RecordList): PickList['search'] {
	// The pagination token is the number of records that were read so far.
	return async function (filter = '', paginationToken = '0') {
		const list = listOf(this);
		const paging = { list: list.member, by: 'Offset' } as const;
		const searchText = filter.trim().toLowerCase();
		let offset = Number(paginationToken);
		for (let page = 1; ; page++) {
			const parameters = { ...list.parameters, Offset: offset, Limit: PAGE_SIZE };
			const proof = {
				isDone: (data: ResponseData) => hasList(data, list.member),
				reads: [list.member, 'Total'],
			};
			const data = await query(this, parameters, proof);
			const { records, next } = readPage(parameters, paging, data, offset);
			offset += records.length;
			const isOver = records.length === 0 || next === undefined;
			const results = records.flatMap((record) => toItem(record as ResponseData, list, searchText));
			if (isOver) {
				return { results };
			}
			if (results.length > 0 || page === MOST_PAGES) {
				return { results, paginationToken: String(offset) };
			}
		}
	};
}

/** The entry of the list for a record; none if it does not match. @param searchText what the user typed, in lower case */
function toItem(
	record: ResponseData,
	{ idMember, nameOf, searchedMember = idMember }: RecordList,
	searchText: string,
): INodeListSearchItems[] {
	const value = pickableValue(record[idMember]);
	if (value === undefined) {
		return [];
	}
	const shownName = pickableName(nameOf?.(record) ?? value, value);
	const searchedTexts = [shownName, value, textOf(record[searchedMember])];
	const isMatch = searchedTexts.some((candidate) => candidate.toLowerCase().includes(searchText));
	return isMatch ? [{ name: shownName, value }] : [];
}

/** The member of a thing model that has the list. */
type ModelMember = 'actions' | 'properties';

/** An entry of such a list, with an id that a user can pick. */
type ModelEntry = ResponseData & { id: string };

/** The type of field that the editor shows for each data type of a thing model. Types whose values have labels become a dropdown. */
const FIELD_TYPES: ReadonlyMap<unknown, FieldType> = new Map([
	['array', 'array'],
	['float', 'number'],
	['int', 'number'],
	['struct', 'object'],
	['timestamp', 'number'],
]);

/**
 * Reads the properties or the actions of the chosen product (ServiceDescribeModelDefinition, whose ModelDefine is a thing model).
 * @throws NodeOperationError when no product is chosen, it has no such model, or the service does not give it
 */
async function readModel(
	context: ILoadOptionsFunctions,
	member: ModelMember,
	isWanted: (entry: ResponseData) => boolean = () => true,
): Promise<ModelEntry[]> {
	const ProductId = chosenProduct(context, member);
	const describeModel = { Action: 'ServiceDescribeModelDefinition', ProductId };
	const isDone = (data: ResponseData) => isObject(data.Model);
	const { Model } = await query(context, describeModel, { isDone, reads: ['Model'] });
	const model = parseJsonText((Model as ResponseData).ModelDefine);
	const list = isObject(model) ? model[member] : undefined;
	const entries = (Array.isArray(list) ? list.filter(isObject) : []).flatMap(
		(entry: ResponseData): ModelEntry[] => {
			const id = pickableValue(entry.id);
			return id !== undefined && isWanted(entry) ? [{ ...entry, id }] : [];
		},
	);
	if (entries.length > 0) {
		return entries;
	}
	throw shownError(
		context,
		`The model of product '${ProductId}' has no ${member} to choose from. Publish them on the IoT platform, or type them`,
	);
}

function searchModel(member: ModelMember): PickList['search'] {
	return async function (filter = '') {
		const searchText = filter.trim().toLowerCase();
		const entries = await readModel(this, member);
		const items = entries.map(({ id, name }) => ({ name: labelOf(name, id), value: id }));
		return { results: items.filter(({ name }) => name.toLowerCase().includes(searchText)) };
	};
}

function toField(property: ModelEntry): ResourceMapperField {
	const definition = isObject(property.define) ? property.define : {};
	const options = optionsOf(definition);
	const field = mapperField(property.id, labelOf(property.name, property.id));
	if (options.length > 0) {
		return { ...field, type: 'options', options };
	}
	return { ...field, type: FIELD_TYPES.get(definition.type) ?? 'string' };
}

/** The dropdown for a bool or an enum, whose values are numbers, or for a stringenum. */
function optionsOf({ type, mapping }: ResponseData): INodePropertyOptions[] {
	return Object.entries(isObject(mapping) ? mapping : {}).flatMap(([key, label]) => {
		const value = pickableValue(key);
		if (value === undefined) {
			return [];
		}
		return [{ name: labelOf(label, value), value: type === 'stringenum' ? value : Number(value) }];
	});
}

/** The label of an entry: its name, which may be in any language, with its id. */
function labelOf(name: unknown, id: string): string {
	return `${pickableName(name, id)} (${shownText(id)})`;
}

/** A text field of a resource mapper. The parameter's description gives examples of values. */
function mapperField(id: string, displayName: string): ResourceMapperField {
	return {
		id,
		displayName,
		type: 'string',
		required: false,
		defaultMatch: false,
		canBeUsedToMatch: false,
		display: true,
	};
}

/**
 * Sends a request that reads while a user sets up the node.
 * @throws NodeOperationError when the request failed; its message ends with what to do
 */
async function query(
	context: ILoadOptionsFunctions,
	parameters: Parameters,
	proof: Pick<Operation<unknown>, 'isDone' | 'reads'>,
): Promise<ResponseData> {
	const credential = await context.getCredentials('tencentCloudIotApi');
	const port = { host: hostOf(context), clock: systemClock };
	const outcome = await sendOnce(credential, parameters, proof, port);
	if (outcome.outcome === 'OK') {
		return outcome.data;
	}
	// The advice for a run tells the user to correct rows, but the editor has none.
	const advice = requestFailureOf(outcome)?.isInvalidValue
		? OPERATION_ADVICE.correctNamedForList()
		: outcome.advice;
	// The editor shows only the message.
	throw shownError(context, explain({ ...outcome, advice, onlyReads: true }));
}

/**
 * The product that the user chose in the open node.
 * @param listed what is listed, in the plural
 * @throws NodeOperationError when none is chosen yet
 */
function chosenProduct(context: ILoadOptionsFunctions, listed: string): string {
	const ProductId = String(context.getCurrentNodeParameter('productId') ?? '').trim();
	if (ProductId !== '' && !ProductId.startsWith('=')) {
		return ProductId;
	}
	throw shownError(context, `Fill in 'Product ID' to list its ${listed}.`);
}

/** The most characters of a name in a list. */
const LONGEST_NAME = 100;

/**
 * The value if it is safe to pick, else undefined. n8n stores it, and evaluates it as an expression if it starts with "=". A value with
 * unsafe characters is left out, not cleaned: the cleaned text would be a different value.
 */
function pickableValue(value: unknown): string | undefined {
	const text = typeof value === 'number' ? String(value) : value;
	if (typeof text !== 'string' || text === '' || text.startsWith('=')) {
		return undefined;
	}
	return cleanServerText(text, text.length).trim() === text ? text : undefined;
}

/** The name that the list shows for a value. n8n also stores and evaluates names, so it is cleaned and loses any leading "=". */
function pickableName(name: unknown, value: string): string {
	const text = typeof name === 'string' ? cleanServerText(name, LONGEST_NAME) : '';
	return shownText(text.trim().replace(/^[=\s]+/, '') || value);
}
