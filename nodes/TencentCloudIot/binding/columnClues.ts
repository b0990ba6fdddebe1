import type { ColumnClues, ColumnSigns } from '../input/columnFit';
import { whyNotId } from '../input/placeholder';
import { deviceCellReader } from './devices';
import { phoneNumbers } from './phone';
import type { MappedField } from './row';

/**
 * Words by which the name of a column shows whether the column belongs to a field. The patterns match the result of `wordsIn`, in
 * lower case with a space around each word: `OwnerRef #2` becomes ` owner ref # 2 `. Chinese has no spaces, so `客户代号` stays one word.
 */
interface FieldWords {
	/** Words that exclude a field: a column named by one of them holds something else, e.g. names, amounts or dates. */
	excludingWords: RegExp;
	/** Words that show nothing: a column named by one of them may belong to the field, which only its cells can show. */
	inconclusiveWords?: RegExp;
	/** A column likely belongs to the field if its name matches all patterns of this list. */
	likelyWords: readonly RegExp[];
	/** A column may belong to the field if its name matches this pattern. */
	possibleWords: RegExp;
}

/** Words for times, amounts, places and remarks: a column named by one of them belongs to none of the four fields. */
const WORDS_OF_NO_FIELD =
	/时间|日期|年月|备注|说明|数量|台数|设备数(?!据)|金额|单价|价格|状态|地址|图片|照片|链接| (?:date|time|day|month|created|updated|remarks?|notes?|comments?|qty|quantity|count|cnt|amount|price|total|status|address|city|region|photo|image|url|link) /;

const WORDS_BY_FIELD: Readonly<Record<MappedField, FieldWords>> = {
	CustomerId: {
		excludingWords:
			/设备|门锁|传感器|网关|订单|工单|合同|保单|产品|商品|型号|座机|身份证|证件|银行|发票|税号|车牌|房号|门牌|邮编|邮箱|微信|姓名|名称|名字|昵称|类型|等级|级别|分类|分组|来源|经理|销售|客服|师傅|安装|上级|父级|负责人|员工|渠道|门店|物业|紧急| (?:device|lock|sensor|gateway|order|contract|policy|product|item|sku|model|fax|e?mail|name|type|level|group|category|source|manager|sales|agent|rep|installer|technician|emergency|parent|tax|vat|bank|zip|postal|ticket|invoice|serial|sn) /,
		inconclusiveWords: /手机|电话|联系方式|号码| (?:phone|mobile|cell|telephone|tel) /,
		likelyWords: [
			/客户|用户|会员|业主|住户|顾客|买家|租户|租客|房客|户主|车主|居民|老人|联系人|客人|商户|业户|投保人|被保险人|账户|帐户|账号|帐号|户号| (?:customer|cust|client|user|member|account|acct|owner|tenant|lessee|buyer|resident|occupant|household|homeowner|subscriber|policyholder|insured|consumer|contact|patient|guest|partner|bp) /,
			/编号|编码|代码|代号|号|码|标识|主键|(?<=\p{Script=Han})(?:id|no|num|code|key|uid|uuid|guid)(?![a-z])| (?:id|identifier|no|nr|num|number|code|key|ref|reference|uid|uuid|guid|#) /u,
		],
		possibleWords:
			/客户|用户|会员|业主|住户|顾客|买家|租户|租客|户主|投保人|公司|企业|账户|帐户|账号|帐号| (?:customer|cust|client|user|member|account|acct|owner|tenant|buyer|resident|subscriber|policyholder|contact|company|organi[sz]ation) /,
	},
	CustomerDeviceNo: {
		excludingWords:
			/客户|用户|业主|订单|合同|保单|产品名|商品名|型号|版本|批次|固件| (?:customer|client|user|owner|order|contract|model|version|firmware|batch|sim|iccid|type|model|description) /,
		likelyWords: [
			/序列|串号|串码|出厂编?号|出厂码|(?:机身|机器|整机|锁体|主板)编?[号码]|铭牌|条码|imei|sn[号码]|(?<=\p{Script=Han})sn(?![a-z])| (?:serials?|sns?|s n|imeis?|barcodes?) /u,
		],
		possibleWords:
			/(?:设备|门锁|锁|传感器|网关|资产|终端|硬件)(?:编号|编码|代码|号|码|no|id)| (?:device|lock|asset|hardware|unit|sensor|gateway) (?:no|nr|number|id|code|#) /,
	},
	DeviceId: {
		excludingWords:
			/客户|用户|业主|订单|合同|位置|楼|房|单元|门牌|规格|单位|比例|性别| (?:customer|client|user|owner|order|contract|location|position|room|building|floor|unit|units|size|ratio) /,
		likelyWords: [
			/设备|门锁|传感器|网关|终端|平台|腾讯|物联|云端|三元组| (?:device|lock|sensor|gateway|thing|iot|tencent|platform|cloud) /,
		],
		possibleWords:
			/设备(?:编号|编码|号|码|标识|id)|平台|腾讯|物联| (?:device|thing) (?:id|no|number|code|key|path) | (?:iot|tencent|cloud) /,
	},
	ProductName: {
		excludingWords:
			/编号|编码|代码|序列|版本|固件|批次|客户|用户|业主|订单|合同|设备名| (?:id|no|nr|number|code|key|serial|sn|version|firmware|batch|customer|client|user|owner|order|contract) /,
		likelyWords: [
			/产品|商品|货品|物料|存货|型号|品名|品类|款式|(?:设备|终端|锁具?|机|表|灯|阀|仪|器|网关|门铃|摄像头)(?:类型|种类|类别|型|款)| (?:product|model|modell|modelo|sku|goods|article|hardware|equipment|appliance) | (?:device|lock|sensor|gateway|meter|camera|item|part|asset) (?:type|model|kind|description|title) | (?:item|part) name /,
		],
		possibleWords: /产品|商品|型号|类型|名称| (?:product|model|item|device|type|title) /,
	},
};

/** The words of a column's name, in lower case, with one space before, between and after them. */
function wordsIn(name: string): string {
	const spacedName = name
		.normalize('NFKC')
		.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
		.replace(/#/g, ' # ')
		.replace(/[^\p{L}\p{N}#]+/gu, ' ');
	return ` ${spacedName.toLowerCase().trim()} `.replace(/ {2,}/g, ' ');
}

/** The most characters of a column's name. A longer name is the value of a cell: a sheet without a header has the values of a row as column names. */
const LONGEST_COLUMN_NAME = 40;

/**
 * What the words in the name of a column show: that the column is a field's (`likely` or `possible`), nothing (`none`), or that it certainly holds
 * something else (`other`).
 */
type NameSign = ReturnType<ColumnSigns['readWords']>;

function readWords(field: MappedField, name: string): NameSign {
	const { excludingWords, inconclusiveWords, likelyWords, possibleWords } = WORDS_BY_FIELD[field];
	if (name.length > LONGEST_COLUMN_NAME) {
		return 'none';
	}
	const words = wordsIn(name);
	if (excludingWords.test(words) || WORDS_OF_NO_FIELD.test(words)) {
		return 'other';
	}
	if (inconclusiveWords?.test(words) === true) {
		return 'none';
	}
	if (likelyWords.every((pattern) => pattern.test(words))) {
		return 'likely';
	}
	return possibleWords.test(words) ? 'possible' : 'none';
}

/** A CustomerId or a CustomerDeviceNo: no blanks, no Chinese, no decimal number, no date. */
const ID_PATTERN = /^(?!\d+[.,]\d+$)(?!\d{4}[-./]\d{1,2}[-./]\d{1,2})[\w.:@+#-]{1,64}$/;
const MOBILE_PATTERN = /^1[3-9]\d{9}$/;
const DATE_PATTERN = /^\d{4}[-./年]\d{1,2}/;

function textsOf(cells: readonly unknown[]): string[] {
	return cells.map((cell) =>
		typeof cell === 'string' || typeof cell === 'number' ? String(cell).trim() : '',
	);
}

function countDistinct(texts: readonly string[]): number {
	return new Set(texts).size;
}

/** It takes this many distinct cells to prove what a column holds: a single cell may be `on/off`, or `A/B` in a remark. */
const FEWEST_PROVING_CELLS = 2;

/** In a column of device ids, more than this share of the cells are distinct; in a column of product names, at most this share. */
const DISTINCT_SHARE = 0.5;

/** A column with repeated cells does not hold CustomerDeviceNos. At least this many cells are needed to show that cells repeat. */
const FEWEST_CELLS_FOR_REPEATS = 4;

/**
 * If the name of a column has the words of a field, only more than this share of its cells has to fit: some cells of a sheet are remarks,
 * totals, or `T-0041 (old)`.
 */
const FITTING_SHARE = 0.5;

/** Whether the cells fit the field: all of them, or, if the name of the column is likely the field's, more than half. */
function doCellsFit(
	texts: readonly string[],
	nameSign: NameSign,
	isFitting: (text: string) => boolean,
): boolean {
	const fitCount = texts.filter(isFitting).length;
	const doMostFit = nameSign === 'likely' && fitCount > texts.length * FITTING_SHARE;
	return doMostFit || fitCount === texts.length;
}

/** Whether the cells fit as ids, and at least one has a digit: a column of plain words holds no ids. */
function isColumnOfIds(texts: readonly string[], nameSign: NameSign): boolean {
	const isId = (text: string) => ID_PATTERN.test(text);
	return doCellsFit(texts, nameSign, isId) && texts.some((text) => isId(text) && /\d/.test(text));
}

/**
 * The ProductId before the slash of a DeviceId. Tencent's ProductIds have ten letters and digits; fewer than five characters are more likely
 * the number of a building, as in `A3/1201`.
 */
const PRODUCT_BEFORE_SLASH = /^(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]{5,}\//;

function judgeDeviceIds(cells: readonly unknown[], nameSign: NameSign) {
	const texts = textsOf(cells);
	const isNamedLikeField = nameSign === 'likely' || nameSign === 'possible';
	const looksLikeDeviceIds = (text: string) =>
		deviceCellReader.holdsDeviceIds(text) && (isNamedLikeField || PRODUCT_BEFORE_SLASH.test(text));
	if (!doCellsFit(texts, nameSign, looksLikeDeviceIds)) {
		return 'unfit';
	}
	const distinctCount = countDistinct(texts);
	return distinctCount >= FEWEST_PROVING_CELLS && distinctCount > texts.length * DISTINCT_SHARE
		? 'proof'
		: 'fitting';
}

/** A ProductId as Tencent gives them, e.g. EQPOKD5111: ten capitals and digits. */
const PRODUCT_ID = /^(?=[A-Z\d]*[A-Z])(?=[A-Z\d]*\d)[A-Z\d]{10}$/;
const DEVICE_NAME = /^[\w:-]{1,48}$/;

/** A DeviceId may be split over two columns, one for each of its parts. The name of such a column matches both patterns of its part. */
const WORDS_OF_PRODUCT_ID = [
	/产品|商品|平台|腾讯|物联| (?:product|prod|pid|tencent|iot|cloud|platform) /,
	/编号|编码|代码|代号|标识|(?<=\p{Script=Han})(?:id|key|pid)(?![a-z])| (?:id|pid|key|code|no|ref|identifier) /u,
];
const WORDS_OF_DEVICE_NAME = [
	/设备|锁|传感器|网关|终端|摄像头| (?:device|lock|sensor|gateway|camera|meter|thing) /,
	/名|标识| (?:name|key) /,
];

/**
 * Which part of a DeviceId a column certainly holds: the ProductId (0), or the DeviceName (1), which differs from row to row.
 * @param name the name of the column
 * @param cells some of its filled cells
 */
function readPart(name: string, cells: readonly unknown[]): 0 | 1 | undefined {
	if (name.length > LONGEST_COLUMN_NAME) {
		return undefined;
	}
	const words = wordsIn(name);
	const texts = textsOf(cells.filter(isNeitherTotalNorPlaceholder));
	if (texts.length < FEWEST_PROVING_CELLS) {
		return undefined;
	}
	if (
		WORDS_OF_PRODUCT_ID.every((pattern) => pattern.test(words)) &&
		texts.every((text) => PRODUCT_ID.test(text))
	) {
		return 0;
	}
	const isMostlyDistinct = countDistinct(texts) > texts.length * DISTINCT_SHARE;
	const isDeviceName =
		WORDS_OF_DEVICE_NAME.every((pattern) => pattern.test(words)) &&
		texts.every((text) => DEVICE_NAME.test(text));
	return isDeviceName && isMostlyDistinct ? 1 : undefined;
}

function judgeCustomerIds(cells: readonly unknown[], nameSign: NameSign, phoneIds: 'digits' | 'refuse') {
	const texts = textsOf(cells);
	if (doCellsFit(texts, nameSign, (text) => MOBILE_PATTERN.test(phoneNumbers.idOf(text) ?? text))) {
		return phoneIds === 'digits' ? 'substitute' : 'unfit';
	}
	return isColumnOfIds(texts, nameSign) ? 'fitting' : 'unfit';
}

function judgeCustomerDeviceNos(cells: readonly unknown[], nameSign: NameSign) {
	const texts = textsOf(cells).map((text) =>
		text
			.split(/[,，、;；\n]/, 1)
			.join('')
			.trim(),
	);
	const areTextsRepeated = countDistinct(texts) <= texts.length * DISTINCT_SHARE;
	const hasEnoughCells = texts.length >= FEWEST_CELLS_FOR_REPEATS;
	const isRepetitive = hasEnoughCells && areTextsRepeated;
	return isColumnOfIds(texts, nameSign) && !isRepetitive ? 'fitting' : 'unfit';
}

function judgeProductNames(cells: readonly unknown[], nameSign: NameSign) {
	const texts = textsOf(cells);
	const isProductName = (text: string) =>
		/\p{L}/u.test(text) && !DATE_PATTERN.test(text) && !deviceCellReader.holdsDeviceIds(text);
	const isRepeating = countDistinct(texts) <= Math.max(1, texts.length * DISTINCT_SHARE);
	if (texts.length < FEWEST_PROVING_CELLS || !isRepeating) {
		return 'unfit';
	}
	return doCellsFit(texts, nameSign, isProductName) ? 'fitting' : 'unfit';
}

/** The signs by which the columns of each field are recognized: words in their names, and their cells. */
function makeColumnSigns(phoneIds: 'digits' | 'refuse'): Record<MappedField, ColumnSigns> {
	const signsOf = (field: MappedField, readCells: ColumnSigns['readCells']): ColumnSigns => ({
		readWords: (name) => readWords(field, name),
		readCells: (cells, nameSign) => {
			const dataCells = cells.filter(isNeitherTotalNorPlaceholder);
			return dataCells.length === 0 ? 'unfit' : readCells(dataCells, nameSign);
		},
	});
	return {
		CustomerId: signsOf('CustomerId', (cells, nameSign) => judgeCustomerIds(cells, nameSign, phoneIds)),
		CustomerDeviceNo: signsOf('CustomerDeviceNo', judgeCustomerDeviceNos),
		DeviceId: { ...signsOf('DeviceId', judgeDeviceIds), readPart },
		ProductName: signsOf('ProductName', judgeProductNames),
	};
}

/** The column names that a text lists with blanks between them. No name has a blank, since a column's name is compared without its blanks. */
const namesIn = (text: string) => text.split(/\s+/);

/** Every column name that joins one of the beginnings with one of the ends; `-` is an empty beginning. */
const joinedNames = (beginnings: string, ends: string) =>
	namesIn(beginnings).flatMap((beginning) => namesIn(ends).map((end) => beginning.replace('-', '') + end));
const PHONE_COLUMN_NAMES = [
	...joinedNames('- 客户 用户 会员 联系人 业主 住户', '手机号 手机 手机号码 电话 电话号码 联系电话'),
	...joinedNames('- Customer Contact', 'Phone PhoneNumber Mobile MobileNumber MobilePhone Tel Telephone'),
];

/**
 * How CRMs name the columns of the four fields, in Chinese and English, besides Tencent's own names. `ColumnClues` says what the lists of
 * a field mean. Case, spaces and signs do not count.
 */
const COLUMN_NAMES: ColumnClues<MappedField> = {
	CustomerId: {
		usual: namesIn('客户编号 客户ID 客户号 客户编码 客户代码 用户ID 用户编号 会员ID 会员编号'),
		fallback: namesIn('Customer CustomerNo CustomerNumber CustomerCode'),
		veryDoubtful: namesIn('客户 客户名称 客户姓名 用户 用户名 会员 姓名 编号 ID'),
	},
	CustomerDeviceNo: {
		usual: namesIn('设备序列号 序列号 SN 设备SN SN码 设备SN码 厂商设备编号 厂家设备编号 SerialNumber'),
		fallback: namesIn('Serial SerialNo DeviceSerial DeviceSerialNumber'),
		// In some CRMs columns of these names hold the DeviceId. So the names count only once every other field has its column.
		remaining: namesIn('设备编号 设备号 设备编码 DeviceNo DeviceNumber DeviceCode'),
		veryDoubtful: namesIn('编号 序号'),
	},
	DeviceId: {
		usual: namesIn('设备ID 平台设备ID 平台设备编号 腾讯设备ID 物联设备ID'),
		fallback: ['Device'],
		// The names that Tencent gives to the two parts of a DeviceId.
		parts: [namesIn('ProductId 产品ID'), namesIn('DeviceName 设备名称 设备名')],
		mayBeNumbered: true,
		veryDoubtful: namesIn('设备编号 设备号 设备 设备名称 设备名 设备标识 平台ID DeviceName'),
	},
	ProductName: {
		usual: namesIn('产品名称 产品名 商品名称 商品名'),
		fallback: ['Product'],
		veryDoubtful: namesIn('产品 商品 产品型号 型号 设备型号 设备类型 设备名称 品名 名称'),
	},
};

/**
 * The names of each field's columns, and the signs by which columns of other names are recognized. A column of phone numbers is taken for
 * CustomerId only if phone numbers are ids (`phoneIds`) and no other column fits.
 */
export function columnClues(phoneIds: 'digits' | 'refuse'): ColumnClues<MappedField> {
	const phoneClue =
		phoneIds === 'digits' ? { lastChoice: PHONE_COLUMN_NAMES } : { doubtful: PHONE_COLUMN_NAMES };
	const signs = makeColumnSigns(phoneIds);
	return {
		CustomerId: { ...COLUMN_NAMES.CustomerId, ...phoneClue, ...signs.CustomerId },
		CustomerDeviceNo: { ...COLUMN_NAMES.CustomerDeviceNo, ...signs.CustomerDeviceNo },
		DeviceId: { ...COLUMN_NAMES.DeviceId, ...signs.DeviceId },
		ProductName: { ...COLUMN_NAMES.ProductName, ...signs.ProductName },
	};
}

/** Whether a cell can be a value of its column: it is neither a subtotal nor a word for an empty cell such as `null`. */
function isNeitherTotalNorPlaceholder(cell: unknown): boolean {
	return typeof cell !== 'string' || whyNotId(cell.trim()) === undefined;
}
