import { expect, test } from '@jest/globals';
import {
	encodeParameters,
	type Freshness,
	SIGNATURE_SCHEMES,
	signRequest,
	textToSign,
	type SignatureScheme,
	type Parameters,
} from '../../nodes/TencentCloudIot/service/signing/signature';

// The texts were written by hand from the documented stages; the signatures come from the openssl command:
// printf %s "$text" | openssl dgst -sha1 -hmac "$secret" -binary | base64
interface Vector {
	readonly secret: string;
	readonly parameters: Parameters;
	readonly signed: Readonly<Record<SignatureScheme, readonly [text: string, signature: string]>>;
}

const vectors: Readonly<Record<string, Vector>> = {
	'a push': {
		secret: 'ServiceAppSecret',
		parameters: {
			RequestId: 'f92406b3-0000-4fe8-bc43-45e3d794bb68',
			Timestamp: 1599468019,
			Nonce: 170533123,
			AppKey: 'ServiceAppKey',
			Action: 'ServiceBindDevice',
			CustomerId: 'user_1024',
			DeviceInfos: [{ CustomerDeviceNo: '123', DeviceId: 'P_1/D_1', ProductName: '烟感 "A"' }],
		},
		signed: around(
			'Action=ServiceBindDevice&AppKey=ServiceAppKey&CustomerId=user_1024',
			'&Nonce=170533123&RequestId=f92406b3-0000-4fe8-bc43-45e3d794bb68&Timestamp=1599468019',
			{
				json: [
					'&DeviceInfos=[{"CustomerDeviceNo":"123","DeviceId":"P_1/D_1","ProductName":"烟感 \\"A\\""}]',
					'a15xb+izDHVwvFC2cNrjotbnmEs=',
				],
				goFmt: [
					'&DeviceInfos=[map[CustomerDeviceNo:123 DeviceId:P_1/D_1 ProductName:烟感 "A"]]',
					'GVI72YYq3LZaIZbxfprtRoSETsE=',
				],
				flattened: [
					'&DeviceInfos.0.CustomerDeviceNo=123&DeviceInfos.0.DeviceId=P_1/D_1&DeviceInfos.0.ProductName=烟感 "A"',
					'ujJRNOjWd+mu7QDc2mUo+LclyAI=',
				],
				scalarsOnly: ['', 'AOOx9AO0jMQll+6VzFuH3TM0+9w='],
				jsString: ['&DeviceInfos=[object Object]', 'JFYhvMos11yw5jwncrDoBcCW8zw='],
			},
		),
	},
	'a report with numbers, and a secret beyond ASCII': {
		secret: 'k&é密',
		parameters: {
			Action: 'ServiceReportDeviceData',
			AppKey: 'ServiceAppKey',
			Is_Test: false,
			DataCategory: '100',
			DataInfo: {
				ReportTime: 1599468019,
				Report_Infos: [
					{ SubType: 1001, Value: 220.5 },
					{ SubType: 1003, Value: -1e-7 },
				],
				Note: '',
			},
			Nonce: 1,
			RequestId: 'r',
			Timestamp: 2,
			CustomerId: '',
			Limit: null,
		},
		signed: around(
			'Action=ServiceReportDeviceData&AppKey=ServiceAppKey&DataCategory=100',
			'&Is.Test=false&Nonce=1&RequestId=r&Timestamp=2',
			{
				json: [
					'&DataInfo={"Note":"","ReportTime":1599468019,"Report_Infos":[{"SubType":1001,"Value":220.5},' +
						'{"SubType":1003,"Value":-1e-7}]}',
					'LIB5WLqxsE5UvrXHH+8vWNB7qis=',
				],
				goFmt: [
					'&DataInfo=map[Note: ReportTime:1.599468019e+09 Report_Infos:[map[SubType:1001 Value:220.5] ' +
						'map[SubType:1003 Value:-1e-07]]]',
					'j4HX8UqTSyUFTAXS1pwduEPba2k=',
				],
				flattened: [
					'&DataInfo.ReportTime=1599468019&DataInfo.Report.Infos.0.SubType=1001' +
						'&DataInfo.Report.Infos.0.Value=220.5&DataInfo.Report.Infos.1.SubType=1003' +
						'&DataInfo.Report.Infos.1.Value=-1e-7',
					'2VgBmWN8JIiH+WkM+YjjRsBTGDI=',
				],
				scalarsOnly: ['', 'YGWxwqlAbydWkKBhy16DEJACVq0='],
				jsString: ['&DataInfo=[object Object]', 'sZWHRCko93IrA7dg4uB6/WLAYDs='],
			},
		),
	},
	'a list of twelve': {
		secret: 's',
		parameters: {
			Timestamp: 4,
			RequestId: 'r',
			Nonce: 3,
			AppKey: 'k',
			List: ['a', 'b', 'c', 'd', null, '', 'g', 'h', 'i', 'j', 'k', { x: true }],
		},
		signed: around('AppKey=k', '&Nonce=3&RequestId=r&Timestamp=4', {
			json: [
				'&List=["a","b","c","d",null,"","g","h","i","j","k",{"x":true}]',
				'2CZORUREY1WaE1vOQsYs7B9mWss=',
			],
			goFmt: ['&List=[a b c d <nil>  g h i j k map[x:true]]', 'gHSvZ6tnejv1pfEhV1QQffLyHxw='],
			flattened: [
				'&List.0=a&List.1=b&List.10=k&List.11.x=true&List.2=c&List.3=d&List.6=g&List.7=h&List.8=i&List.9=j',
				'nfsxsJfn1epumu/EEQkUKsUe5UE=',
			],
			scalarsOnly: ['', 'yVqeoKXTYf/ZAXBVM5ZUggvdmnc='],
			jsString: ['&List=a,b,c,d,,,g,h,i,j,k,[object Object]', 'lKjDTSv8mwhVBap0zr4WO3FDzWE='],
		}),
	},
};

/** The signature of a request with these parameters, including the common ones. */
function signatureOf(parameters: Parameters, appSecret: string, scheme: SignatureScheme): string {
	const { AppKey: appKey, RequestId, Timestamp, Nonce, ...ownParameters } = parameters;
	const freshness = { RequestId, Timestamp, Nonce } as Freshness;
	return signRequest(encodeParameters(ownParameters), freshness, {
		appKey: appKey as string,
		appSecret,
		scheme,
	}).signature;
}

// Product 1081, page 40773, a related API: "!", "@" and "*" are not encoded.
test("Every scheme reproduces the vector in the related API's documentation", () => {
	const parameters: Parameters = {
		Action: 'AppCreateCellphoneUser',
		AppKey: 'ahPxdK****TGrejd',
		CountryCode: '86',
		Nonce: 71087795,
		Password: 'My!P@ssword',
		PhoneNumber: '13900000000',
		RequestId: '8b8d499bbba1ac28b6da21b4',
		Timestamp: 1546315200,
		VerificationCode: '123456',
	};
	for (const rule of SIGNATURE_SCHEMES) {
		expect(signatureOf(parameters, 'NcbHqk****TCGbKnQH', rule)).toBe('Szxai9Qs7O3lBoOXahbFbseZ+uE=');
	}
});

const cases = Object.entries(vectors).flatMap(([name, { secret, parameters, signed }]) =>
	SIGNATURE_SCHEMES.map((rule) => [name, rule, parameters, secret, ...signed[rule]] as const),
);

test.each(cases)(
	'The frozen vector of %s with the rule %s is reproduced: text and signature',
	(_name, rule, parameters, secret, text, signature) => {
		expect(textToSign(encodeParameters(parameters), rule)).toBe(text);
		expect(signatureOf(parameters, secret, rule)).toBe(signature);
	},
);

/** Puts each scheme's part between the texts that all schemes share. */
function around(before: string, after: string, parts: Vector['signed']): Vector['signed'] {
	const whole = ([part, signature]: readonly [string, string]) =>
		[`${before}${part}${after}`, signature] as const;
	return {
		json: whole(parts.json),
		goFmt: whole(parts.goFmt),
		flattened: whole(parts.flattened),
		scalarsOnly: whole(parts.scalarsOnly),
		jsString: whole(parts.jsString),
	};
}
