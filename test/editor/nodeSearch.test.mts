import { expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import codex from '../../nodes/TencentCloudIot/TencentCloudIot.node.json' with { type: 'json' };
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';

// The copy in n8n's engine.
const requireOfEngine = createRequire(createRequire(import.meta.url).resolve('n8n-core'));
const { sublimeSearch } = requireOfEngine('@n8n/utils/search/sublime-search') as {
	sublimeSearch<Found>(words: string, nodes: Found[]): Found[];
};
const { displayName } = new TencentCloudIot().description;

// By label and aliases, as n8n's editor does.
test.each([
	'tencent cloud',
	'sync crm',
	'sync customers',
	'push',
	'bind',
	'crm',
	'audit',
	'reconcile',
	'smart lock',
	'腾讯云',
	'客户',
	'推送',
	'同步',
	'设备',
	'智能门锁',
	'订单',
	'审计',
	'核对',
	'对账',
])("n8n's editor finds the node by '%s'", (words) => {
	const nodes = [{ properties: { displayName, codex } }];
	expect(sublimeSearch(words, nodes)).toHaveLength(1);
});
