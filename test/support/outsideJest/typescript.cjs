module.exports = require('../../invariants/outsideJest.mts').requireOutsideJest('typescript');
