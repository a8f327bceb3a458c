/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError, $TypeError = $util.global.TypeError, $Number = $util.global.Number, $String = $util.global.String, $Boolean = $util.global.Boolean, $Array = $util.global.Array, $isFinite = $util.global.isFinite;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const crescendo = $root.crescendo = (() => {

    /**
     * Namespace crescendo.
     * @exports crescendo
     * @namespace
     */
    const crescendo = {};

    crescendo.WorkerMessage = (function() {

        /**
         * Properties of a WorkerMessage.
         * @typedef {Object} crescendo.WorkerMessage.$Properties
         * @property {crescendo.Hello.$Properties|null} [hello] WorkerMessage hello
         * @property {crescendo.LinksReady.$Properties|null} [linksReady] WorkerMessage linksReady
         * @property {crescendo.Heartbeat.$Properties|null} [heartbeat] WorkerMessage heartbeat
         * @property {crescendo.StepReduced.$Properties|null} [stepReduced] WorkerMessage stepReduced
         * @property {crescendo.EvaluationDone.$Properties|null} [evaluationDone] WorkerMessage evaluationDone
         * @property {crescendo.Finished.$Properties|null} [finished] WorkerMessage finished
         * @property {crescendo.WorkerFailure.$Properties|null} [failure] WorkerMessage failure
         * @property {crescendo.DrainRequest.$Properties|null} [drainRequest] WorkerMessage drainRequest
         * @property {crescendo.Prepared.$Properties|null} [prepared] WorkerMessage prepared
         * @property {crescendo.StateBlock.$Properties|null} [stateBlock] WorkerMessage stateBlock
         * @property {crescendo.BlockRequest.$Properties|null} [blockRequest] WorkerMessage blockRequest
         * @property {crescendo.StateHeld.$Properties|null} [stateHeld] WorkerMessage stateHeld
         * @property {crescendo.BadSamples.$Properties|null} [badSamples] WorkerMessage badSamples
         * @property {"hello"|"linksReady"|"heartbeat"|"stepReduced"|"evaluationDone"|"finished"|"failure"|"drainRequest"|"prepared"|"stateBlock"|"blockRequest"|"stateHeld"|"badSamples"} [body] WorkerMessage body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a WorkerMessage.
         * @memberof crescendo
         * @interface IWorkerMessage
         * @augments crescendo.WorkerMessage.$Properties
         * @deprecated Use crescendo.WorkerMessage.$Properties instead.
         */

        /**
         * Narrowed shape of a WorkerMessage.
         * @typedef {{
         *   hello?: crescendo.Hello.$Shape|null;
         *   linksReady?: crescendo.LinksReady.$Shape|null;
         *   heartbeat?: crescendo.Heartbeat.$Shape|null;
         *   stepReduced?: crescendo.StepReduced.$Shape|null;
         *   evaluationDone?: crescendo.EvaluationDone.$Shape|null;
         *   finished?: crescendo.Finished.$Shape|null;
         *   failure?: crescendo.WorkerFailure.$Shape|null;
         *   drainRequest?: crescendo.DrainRequest.$Shape|null;
         *   prepared?: crescendo.Prepared.$Shape|null;
         *   stateBlock?: crescendo.StateBlock.$Shape|null;
         *   blockRequest?: crescendo.BlockRequest.$Shape|null;
         *   stateHeld?: crescendo.StateHeld.$Shape|null;
         *   badSamples?: crescendo.BadSamples.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ body?: undefined; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "hello"; hello: crescendo.Hello.$Shape; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "linksReady"; hello?: null; linksReady: crescendo.LinksReady.$Shape; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "heartbeat"; hello?: null; linksReady?: null; heartbeat: crescendo.Heartbeat.$Shape; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "stepReduced"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced: crescendo.StepReduced.$Shape; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "evaluationDone"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone: crescendo.EvaluationDone.$Shape; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "finished"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished: crescendo.Finished.$Shape; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "failure"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure: crescendo.WorkerFailure.$Shape; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "drainRequest"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest: crescendo.DrainRequest.$Shape; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "prepared"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared: crescendo.Prepared.$Shape; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "stateBlock"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock: crescendo.StateBlock.$Shape; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "blockRequest"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest: crescendo.BlockRequest.$Shape; stateHeld?: null; badSamples?: null }|{ body?: "stateHeld"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld: crescendo.StateHeld.$Shape; badSamples?: null }|{ body?: "badSamples"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples: crescendo.BadSamples.$Shape })
         * )} crescendo.WorkerMessage.$Shape
         */

        /**
         * Constructs a new WorkerMessage.
         * @memberof crescendo
         * @classdesc Represents a WorkerMessage.
         * @constructor
         * @param {crescendo.WorkerMessage.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const WorkerMessage = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * WorkerMessage hello.
         * @member {crescendo.Hello.$Properties|null|undefined} hello
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.hello = null;

        /**
         * WorkerMessage linksReady.
         * @member {crescendo.LinksReady.$Properties|null|undefined} linksReady
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.linksReady = null;

        /**
         * WorkerMessage heartbeat.
         * @member {crescendo.Heartbeat.$Properties|null|undefined} heartbeat
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.heartbeat = null;

        /**
         * WorkerMessage stepReduced.
         * @member {crescendo.StepReduced.$Properties|null|undefined} stepReduced
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.stepReduced = null;

        /**
         * WorkerMessage evaluationDone.
         * @member {crescendo.EvaluationDone.$Properties|null|undefined} evaluationDone
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.evaluationDone = null;

        /**
         * WorkerMessage finished.
         * @member {crescendo.Finished.$Properties|null|undefined} finished
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.finished = null;

        /**
         * WorkerMessage failure.
         * @member {crescendo.WorkerFailure.$Properties|null|undefined} failure
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.failure = null;

        /**
         * WorkerMessage drainRequest.
         * @member {crescendo.DrainRequest.$Properties|null|undefined} drainRequest
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.drainRequest = null;

        /**
         * WorkerMessage prepared.
         * @member {crescendo.Prepared.$Properties|null|undefined} prepared
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.prepared = null;

        /**
         * WorkerMessage stateBlock.
         * @member {crescendo.StateBlock.$Properties|null|undefined} stateBlock
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.stateBlock = null;

        /**
         * WorkerMessage blockRequest.
         * @member {crescendo.BlockRequest.$Properties|null|undefined} blockRequest
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.blockRequest = null;

        /**
         * WorkerMessage stateHeld.
         * @member {crescendo.StateHeld.$Properties|null|undefined} stateHeld
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.stateHeld = null;

        /**
         * WorkerMessage badSamples.
         * @member {crescendo.BadSamples.$Properties|null|undefined} badSamples
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        WorkerMessage.prototype.badSamples = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * WorkerMessage body.
         * @member {"hello"|"linksReady"|"heartbeat"|"stepReduced"|"evaluationDone"|"finished"|"failure"|"drainRequest"|"prepared"|"stateBlock"|"blockRequest"|"stateHeld"|"badSamples"|undefined} body
         * @memberof crescendo.WorkerMessage
         * @instance
         */
        $Object.defineProperty(WorkerMessage.prototype, "body", {
            get: $util.oneOfGetter($oneOfFields = ["hello", "linksReady", "heartbeat", "stepReduced", "evaluationDone", "finished", "failure", "drainRequest", "prepared", "stateBlock", "blockRequest", "stateHeld", "badSamples"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified WorkerMessage message. Does not implicitly {@link crescendo.WorkerMessage.verify|verify} messages.
         * @function encode
         * @memberof crescendo.WorkerMessage
         * @static
         * @param {crescendo.WorkerMessage.$Properties} message WorkerMessage message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        WorkerMessage.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                $root.crescendo.Hello.encode(message.hello, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.linksReady != null && $Object.hasOwnProperty.call(message, "linksReady"))
                $root.crescendo.LinksReady.encode(message.linksReady, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat"))
                $root.crescendo.Heartbeat.encode(message.heartbeat, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.stepReduced != null && $Object.hasOwnProperty.call(message, "stepReduced"))
                $root.crescendo.StepReduced.encode(message.stepReduced, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.evaluationDone != null && $Object.hasOwnProperty.call(message, "evaluationDone"))
                $root.crescendo.EvaluationDone.encode(message.evaluationDone, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.finished != null && $Object.hasOwnProperty.call(message, "finished"))
                $root.crescendo.Finished.encode(message.finished, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.failure != null && $Object.hasOwnProperty.call(message, "failure"))
                $root.crescendo.WorkerFailure.encode(message.failure, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.drainRequest != null && $Object.hasOwnProperty.call(message, "drainRequest"))
                $root.crescendo.DrainRequest.encode(message.drainRequest, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.prepared != null && $Object.hasOwnProperty.call(message, "prepared"))
                $root.crescendo.Prepared.encode(message.prepared, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.stateBlock != null && $Object.hasOwnProperty.call(message, "stateBlock"))
                $root.crescendo.StateBlock.encode(message.stateBlock, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.blockRequest != null && $Object.hasOwnProperty.call(message, "blockRequest"))
                $root.crescendo.BlockRequest.encode(message.blockRequest, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
            if (message.stateHeld != null && $Object.hasOwnProperty.call(message, "stateHeld"))
                $root.crescendo.StateHeld.encode(message.stateHeld, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
            if (message.badSamples != null && $Object.hasOwnProperty.call(message, "badSamples"))
                $root.crescendo.BadSamples.encode(message.badSamples, writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a WorkerMessage message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.WorkerMessage
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.WorkerMessage & crescendo.WorkerMessage.$Shape} WorkerMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        WorkerMessage.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.WorkerMessage();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.hello = $root.crescendo.Hello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                        message.body = "hello";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.linksReady = $root.crescendo.LinksReady.decode(reader, reader.size(), $undefined, _depth + 1, message.linksReady);
                        message.body = "linksReady";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.heartbeat = $root.crescendo.Heartbeat.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeat);
                        message.body = "heartbeat";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.stepReduced = $root.crescendo.StepReduced.decode(reader, reader.size(), $undefined, _depth + 1, message.stepReduced);
                        message.body = "stepReduced";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.evaluationDone = $root.crescendo.EvaluationDone.decode(reader, reader.size(), $undefined, _depth + 1, message.evaluationDone);
                        message.body = "evaluationDone";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.finished = $root.crescendo.Finished.decode(reader, reader.size(), $undefined, _depth + 1, message.finished);
                        message.body = "finished";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.failure = $root.crescendo.WorkerFailure.decode(reader, reader.size(), $undefined, _depth + 1, message.failure);
                        message.body = "failure";
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.drainRequest = $root.crescendo.DrainRequest.decode(reader, reader.size(), $undefined, _depth + 1, message.drainRequest);
                        message.body = "drainRequest";
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.prepared = $root.crescendo.Prepared.decode(reader, reader.size(), $undefined, _depth + 1, message.prepared);
                        message.body = "prepared";
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        message.stateBlock = $root.crescendo.StateBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.stateBlock);
                        message.body = "stateBlock";
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        message.blockRequest = $root.crescendo.BlockRequest.decode(reader, reader.size(), $undefined, _depth + 1, message.blockRequest);
                        message.body = "blockRequest";
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        message.stateHeld = $root.crescendo.StateHeld.decode(reader, reader.size(), $undefined, _depth + 1, message.stateHeld);
                        message.body = "stateHeld";
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        message.badSamples = $root.crescendo.BadSamples.decode(reader, reader.size(), $undefined, _depth + 1, message.badSamples);
                        message.body = "badSamples";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a WorkerMessage message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.WorkerMessage
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.WorkerMessage} WorkerMessage
         */
        WorkerMessage.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.WorkerMessage)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.WorkerMessage: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.WorkerMessage();
            if (object.hello != null) {
                if (!$util.isObject(object.hello))
                    throw $TypeError(".crescendo.WorkerMessage.hello: object expected");
                message.hello = $root.crescendo.Hello.fromObject(object.hello, _depth + 1);
            }
            if (object.linksReady != null) {
                if (!$util.isObject(object.linksReady))
                    throw $TypeError(".crescendo.WorkerMessage.linksReady: object expected");
                message.linksReady = $root.crescendo.LinksReady.fromObject(object.linksReady, _depth + 1);
            }
            if (object.heartbeat != null) {
                if (!$util.isObject(object.heartbeat))
                    throw $TypeError(".crescendo.WorkerMessage.heartbeat: object expected");
                message.heartbeat = $root.crescendo.Heartbeat.fromObject(object.heartbeat, _depth + 1);
            }
            if (object.stepReduced != null) {
                if (!$util.isObject(object.stepReduced))
                    throw $TypeError(".crescendo.WorkerMessage.stepReduced: object expected");
                message.stepReduced = $root.crescendo.StepReduced.fromObject(object.stepReduced, _depth + 1);
            }
            if (object.evaluationDone != null) {
                if (!$util.isObject(object.evaluationDone))
                    throw $TypeError(".crescendo.WorkerMessage.evaluationDone: object expected");
                message.evaluationDone = $root.crescendo.EvaluationDone.fromObject(object.evaluationDone, _depth + 1);
            }
            if (object.finished != null) {
                if (!$util.isObject(object.finished))
                    throw $TypeError(".crescendo.WorkerMessage.finished: object expected");
                message.finished = $root.crescendo.Finished.fromObject(object.finished, _depth + 1);
            }
            if (object.failure != null) {
                if (!$util.isObject(object.failure))
                    throw $TypeError(".crescendo.WorkerMessage.failure: object expected");
                message.failure = $root.crescendo.WorkerFailure.fromObject(object.failure, _depth + 1);
            }
            if (object.drainRequest != null) {
                if (!$util.isObject(object.drainRequest))
                    throw $TypeError(".crescendo.WorkerMessage.drainRequest: object expected");
                message.drainRequest = $root.crescendo.DrainRequest.fromObject(object.drainRequest, _depth + 1);
            }
            if (object.prepared != null) {
                if (!$util.isObject(object.prepared))
                    throw $TypeError(".crescendo.WorkerMessage.prepared: object expected");
                message.prepared = $root.crescendo.Prepared.fromObject(object.prepared, _depth + 1);
            }
            if (object.stateBlock != null) {
                if (!$util.isObject(object.stateBlock))
                    throw $TypeError(".crescendo.WorkerMessage.stateBlock: object expected");
                message.stateBlock = $root.crescendo.StateBlock.fromObject(object.stateBlock, _depth + 1);
            }
            if (object.blockRequest != null) {
                if (!$util.isObject(object.blockRequest))
                    throw $TypeError(".crescendo.WorkerMessage.blockRequest: object expected");
                message.blockRequest = $root.crescendo.BlockRequest.fromObject(object.blockRequest, _depth + 1);
            }
            if (object.stateHeld != null) {
                if (!$util.isObject(object.stateHeld))
                    throw $TypeError(".crescendo.WorkerMessage.stateHeld: object expected");
                message.stateHeld = $root.crescendo.StateHeld.fromObject(object.stateHeld, _depth + 1);
            }
            if (object.badSamples != null) {
                if (!$util.isObject(object.badSamples))
                    throw $TypeError(".crescendo.WorkerMessage.badSamples: object expected");
                message.badSamples = $root.crescendo.BadSamples.fromObject(object.badSamples, _depth + 1);
            }
            return message;
        };

        /**
         * Creates a plain object from a WorkerMessage message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.WorkerMessage
         * @static
         * @param {crescendo.WorkerMessage} message WorkerMessage
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        WorkerMessage.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (message.hello != null && $Object.hasOwnProperty.call(message, "hello")) {
                object.hello = $root.crescendo.Hello.toObject(message.hello, options, _depth + 1);
                if (options.oneofs)
                    object.body = "hello";
            }
            if (message.linksReady != null && $Object.hasOwnProperty.call(message, "linksReady")) {
                object.linksReady = $root.crescendo.LinksReady.toObject(message.linksReady, options, _depth + 1);
                if (options.oneofs)
                    object.body = "linksReady";
            }
            if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat")) {
                object.heartbeat = $root.crescendo.Heartbeat.toObject(message.heartbeat, options, _depth + 1);
                if (options.oneofs)
                    object.body = "heartbeat";
            }
            if (message.stepReduced != null && $Object.hasOwnProperty.call(message, "stepReduced")) {
                object.stepReduced = $root.crescendo.StepReduced.toObject(message.stepReduced, options, _depth + 1);
                if (options.oneofs)
                    object.body = "stepReduced";
            }
            if (message.evaluationDone != null && $Object.hasOwnProperty.call(message, "evaluationDone")) {
                object.evaluationDone = $root.crescendo.EvaluationDone.toObject(message.evaluationDone, options, _depth + 1);
                if (options.oneofs)
                    object.body = "evaluationDone";
            }
            if (message.finished != null && $Object.hasOwnProperty.call(message, "finished")) {
                object.finished = $root.crescendo.Finished.toObject(message.finished, options, _depth + 1);
                if (options.oneofs)
                    object.body = "finished";
            }
            if (message.failure != null && $Object.hasOwnProperty.call(message, "failure")) {
                object.failure = $root.crescendo.WorkerFailure.toObject(message.failure, options, _depth + 1);
                if (options.oneofs)
                    object.body = "failure";
            }
            if (message.drainRequest != null && $Object.hasOwnProperty.call(message, "drainRequest")) {
                object.drainRequest = $root.crescendo.DrainRequest.toObject(message.drainRequest, options, _depth + 1);
                if (options.oneofs)
                    object.body = "drainRequest";
            }
            if (message.prepared != null && $Object.hasOwnProperty.call(message, "prepared")) {
                object.prepared = $root.crescendo.Prepared.toObject(message.prepared, options, _depth + 1);
                if (options.oneofs)
                    object.body = "prepared";
            }
            if (message.stateBlock != null && $Object.hasOwnProperty.call(message, "stateBlock")) {
                object.stateBlock = $root.crescendo.StateBlock.toObject(message.stateBlock, options, _depth + 1);
                if (options.oneofs)
                    object.body = "stateBlock";
            }
            if (message.blockRequest != null && $Object.hasOwnProperty.call(message, "blockRequest")) {
                object.blockRequest = $root.crescendo.BlockRequest.toObject(message.blockRequest, options, _depth + 1);
                if (options.oneofs)
                    object.body = "blockRequest";
            }
            if (message.stateHeld != null && $Object.hasOwnProperty.call(message, "stateHeld")) {
                object.stateHeld = $root.crescendo.StateHeld.toObject(message.stateHeld, options, _depth + 1);
                if (options.oneofs)
                    object.body = "stateHeld";
            }
            if (message.badSamples != null && $Object.hasOwnProperty.call(message, "badSamples")) {
                object.badSamples = $root.crescendo.BadSamples.toObject(message.badSamples, options, _depth + 1);
                if (options.oneofs)
                    object.body = "badSamples";
            }
            return object;
        };

        /**
         * Converts this WorkerMessage to JSON.
         * @function toJSON
         * @memberof crescendo.WorkerMessage
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        WorkerMessage.prototype.toJSON = function() {
            return WorkerMessage.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for WorkerMessage
         * @function getTypeUrl
         * @memberof crescendo.WorkerMessage
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        WorkerMessage.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.WorkerMessage";
        };

        return WorkerMessage;
    })();

    crescendo.CoordinatorMessage = (function() {

        /**
         * Properties of a CoordinatorMessage.
         * @typedef {Object} crescendo.CoordinatorMessage.$Properties
         * @property {crescendo.Welcome.$Properties|null} [welcome] CoordinatorMessage welcome
         * @property {crescendo.Refused.$Properties|null} [refused] CoordinatorMessage refused
         * @property {crescendo.Roster.$Properties|null} [roster] CoordinatorMessage roster
         * @property {crescendo.StepOrder.$Properties|null} [stepOrder] CoordinatorMessage stepOrder
         * @property {crescendo.EvaluationOrder.$Properties|null} [evaluationOrder] CoordinatorMessage evaluationOrder
         * @property {crescendo.FinishOrder.$Properties|null} [finishOrder] CoordinatorMessage finishOrder
         * @property {crescendo.Released.$Properties|null} [released] CoordinatorMessage released
         * @property {crescendo.CheckpointOrder.$Properties|null} [checkpointOrder] CoordinatorMessage checkpointOrder
         * @property {crescendo.BlockStored.$Properties|null} [blockStored] CoordinatorMessage blockStored
         * @property {crescendo.RestoredBlock.$Properties|null} [restoredBlock] CoordinatorMessage restoredBlock
         * @property {crescendo.HeartbeatSeen.$Properties|null} [heartbeatSeen] CoordinatorMessage heartbeatSeen
         * @property {"welcome"|"refused"|"roster"|"stepOrder"|"evaluationOrder"|"finishOrder"|"released"|"checkpointOrder"|"blockStored"|"restoredBlock"|"heartbeatSeen"} [body] CoordinatorMessage body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a CoordinatorMessage.
         * @memberof crescendo
         * @interface ICoordinatorMessage
         * @augments crescendo.CoordinatorMessage.$Properties
         * @deprecated Use crescendo.CoordinatorMessage.$Properties instead.
         */

        /**
         * Narrowed shape of a CoordinatorMessage.
         * @typedef {{
         *   welcome?: crescendo.Welcome.$Shape|null;
         *   refused?: crescendo.Refused.$Shape|null;
         *   roster?: crescendo.Roster.$Shape|null;
         *   stepOrder?: crescendo.StepOrder.$Shape|null;
         *   evaluationOrder?: crescendo.EvaluationOrder.$Shape|null;
         *   finishOrder?: crescendo.FinishOrder.$Shape|null;
         *   released?: crescendo.Released.$Shape|null;
         *   checkpointOrder?: crescendo.CheckpointOrder.$Shape|null;
         *   blockStored?: crescendo.BlockStored.$Shape|null;
         *   restoredBlock?: crescendo.RestoredBlock.$Shape|null;
         *   heartbeatSeen?: crescendo.HeartbeatSeen.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ body?: undefined; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "welcome"; welcome: crescendo.Welcome.$Shape; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "refused"; welcome?: null; refused: crescendo.Refused.$Shape; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "roster"; welcome?: null; refused?: null; roster: crescendo.Roster.$Shape; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "stepOrder"; welcome?: null; refused?: null; roster?: null; stepOrder: crescendo.StepOrder.$Shape; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "evaluationOrder"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder: crescendo.EvaluationOrder.$Shape; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "finishOrder"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder: crescendo.FinishOrder.$Shape; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "released"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released: crescendo.Released.$Shape; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "checkpointOrder"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder: crescendo.CheckpointOrder.$Shape; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "blockStored"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored: crescendo.BlockStored.$Shape; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "restoredBlock"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock: crescendo.RestoredBlock.$Shape; heartbeatSeen?: null }|{ body?: "heartbeatSeen"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen: crescendo.HeartbeatSeen.$Shape })
         * )} crescendo.CoordinatorMessage.$Shape
         */

        /**
         * Constructs a new CoordinatorMessage.
         * @memberof crescendo
         * @classdesc Represents a CoordinatorMessage.
         * @constructor
         * @param {crescendo.CoordinatorMessage.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const CoordinatorMessage = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * CoordinatorMessage welcome.
         * @member {crescendo.Welcome.$Properties|null|undefined} welcome
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.welcome = null;

        /**
         * CoordinatorMessage refused.
         * @member {crescendo.Refused.$Properties|null|undefined} refused
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.refused = null;

        /**
         * CoordinatorMessage roster.
         * @member {crescendo.Roster.$Properties|null|undefined} roster
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.roster = null;

        /**
         * CoordinatorMessage stepOrder.
         * @member {crescendo.StepOrder.$Properties|null|undefined} stepOrder
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.stepOrder = null;

        /**
         * CoordinatorMessage evaluationOrder.
         * @member {crescendo.EvaluationOrder.$Properties|null|undefined} evaluationOrder
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.evaluationOrder = null;

        /**
         * CoordinatorMessage finishOrder.
         * @member {crescendo.FinishOrder.$Properties|null|undefined} finishOrder
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.finishOrder = null;

        /**
         * CoordinatorMessage released.
         * @member {crescendo.Released.$Properties|null|undefined} released
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.released = null;

        /**
         * CoordinatorMessage checkpointOrder.
         * @member {crescendo.CheckpointOrder.$Properties|null|undefined} checkpointOrder
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.checkpointOrder = null;

        /**
         * CoordinatorMessage blockStored.
         * @member {crescendo.BlockStored.$Properties|null|undefined} blockStored
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.blockStored = null;

        /**
         * CoordinatorMessage restoredBlock.
         * @member {crescendo.RestoredBlock.$Properties|null|undefined} restoredBlock
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.restoredBlock = null;

        /**
         * CoordinatorMessage heartbeatSeen.
         * @member {crescendo.HeartbeatSeen.$Properties|null|undefined} heartbeatSeen
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        CoordinatorMessage.prototype.heartbeatSeen = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * CoordinatorMessage body.
         * @member {"welcome"|"refused"|"roster"|"stepOrder"|"evaluationOrder"|"finishOrder"|"released"|"checkpointOrder"|"blockStored"|"restoredBlock"|"heartbeatSeen"|undefined} body
         * @memberof crescendo.CoordinatorMessage
         * @instance
         */
        $Object.defineProperty(CoordinatorMessage.prototype, "body", {
            get: $util.oneOfGetter($oneOfFields = ["welcome", "refused", "roster", "stepOrder", "evaluationOrder", "finishOrder", "released", "checkpointOrder", "blockStored", "restoredBlock", "heartbeatSeen"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Encodes the specified CoordinatorMessage message. Does not implicitly {@link crescendo.CoordinatorMessage.verify|verify} messages.
         * @function encode
         * @memberof crescendo.CoordinatorMessage
         * @static
         * @param {crescendo.CoordinatorMessage.$Properties} message CoordinatorMessage message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        CoordinatorMessage.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
                $root.crescendo.Welcome.encode(message.welcome, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.refused != null && $Object.hasOwnProperty.call(message, "refused"))
                $root.crescendo.Refused.encode(message.refused, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.roster != null && $Object.hasOwnProperty.call(message, "roster"))
                $root.crescendo.Roster.encode(message.roster, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.stepOrder != null && $Object.hasOwnProperty.call(message, "stepOrder"))
                $root.crescendo.StepOrder.encode(message.stepOrder, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.evaluationOrder != null && $Object.hasOwnProperty.call(message, "evaluationOrder"))
                $root.crescendo.EvaluationOrder.encode(message.evaluationOrder, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.finishOrder != null && $Object.hasOwnProperty.call(message, "finishOrder"))
                $root.crescendo.FinishOrder.encode(message.finishOrder, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.released != null && $Object.hasOwnProperty.call(message, "released"))
                $root.crescendo.Released.encode(message.released, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.checkpointOrder != null && $Object.hasOwnProperty.call(message, "checkpointOrder"))
                $root.crescendo.CheckpointOrder.encode(message.checkpointOrder, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.blockStored != null && $Object.hasOwnProperty.call(message, "blockStored"))
                $root.crescendo.BlockStored.encode(message.blockStored, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.restoredBlock != null && $Object.hasOwnProperty.call(message, "restoredBlock"))
                $root.crescendo.RestoredBlock.encode(message.restoredBlock, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.heartbeatSeen != null && $Object.hasOwnProperty.call(message, "heartbeatSeen"))
                $root.crescendo.HeartbeatSeen.encode(message.heartbeatSeen, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a CoordinatorMessage message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.CoordinatorMessage
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.CoordinatorMessage & crescendo.CoordinatorMessage.$Shape} CoordinatorMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        CoordinatorMessage.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.CoordinatorMessage();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.welcome = $root.crescendo.Welcome.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                        message.body = "welcome";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.refused = $root.crescendo.Refused.decode(reader, reader.size(), $undefined, _depth + 1, message.refused);
                        message.body = "refused";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.roster = $root.crescendo.Roster.decode(reader, reader.size(), $undefined, _depth + 1, message.roster);
                        message.body = "roster";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.stepOrder = $root.crescendo.StepOrder.decode(reader, reader.size(), $undefined, _depth + 1, message.stepOrder);
                        message.body = "stepOrder";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.evaluationOrder = $root.crescendo.EvaluationOrder.decode(reader, reader.size(), $undefined, _depth + 1, message.evaluationOrder);
                        message.body = "evaluationOrder";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.finishOrder = $root.crescendo.FinishOrder.decode(reader, reader.size(), $undefined, _depth + 1, message.finishOrder);
                        message.body = "finishOrder";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.released = $root.crescendo.Released.decode(reader, reader.size(), $undefined, _depth + 1, message.released);
                        message.body = "released";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.checkpointOrder = $root.crescendo.CheckpointOrder.decode(reader, reader.size(), $undefined, _depth + 1, message.checkpointOrder);
                        message.body = "checkpointOrder";
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.blockStored = $root.crescendo.BlockStored.decode(reader, reader.size(), $undefined, _depth + 1, message.blockStored);
                        message.body = "blockStored";
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.restoredBlock = $root.crescendo.RestoredBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.restoredBlock);
                        message.body = "restoredBlock";
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        message.heartbeatSeen = $root.crescendo.HeartbeatSeen.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeatSeen);
                        message.body = "heartbeatSeen";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a CoordinatorMessage message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.CoordinatorMessage
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.CoordinatorMessage} CoordinatorMessage
         */
        CoordinatorMessage.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.CoordinatorMessage)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.CoordinatorMessage: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.CoordinatorMessage();
            if (object.welcome != null) {
                if (!$util.isObject(object.welcome))
                    throw $TypeError(".crescendo.CoordinatorMessage.welcome: object expected");
                message.welcome = $root.crescendo.Welcome.fromObject(object.welcome, _depth + 1);
            }
            if (object.refused != null) {
                if (!$util.isObject(object.refused))
                    throw $TypeError(".crescendo.CoordinatorMessage.refused: object expected");
                message.refused = $root.crescendo.Refused.fromObject(object.refused, _depth + 1);
            }
            if (object.roster != null) {
                if (!$util.isObject(object.roster))
                    throw $TypeError(".crescendo.CoordinatorMessage.roster: object expected");
                message.roster = $root.crescendo.Roster.fromObject(object.roster, _depth + 1);
            }
            if (object.stepOrder != null) {
                if (!$util.isObject(object.stepOrder))
                    throw $TypeError(".crescendo.CoordinatorMessage.stepOrder: object expected");
                message.stepOrder = $root.crescendo.StepOrder.fromObject(object.stepOrder, _depth + 1);
            }
            if (object.evaluationOrder != null) {
                if (!$util.isObject(object.evaluationOrder))
                    throw $TypeError(".crescendo.CoordinatorMessage.evaluationOrder: object expected");
                message.evaluationOrder = $root.crescendo.EvaluationOrder.fromObject(object.evaluationOrder, _depth + 1);
            }
            if (object.finishOrder != null) {
                if (!$util.isObject(object.finishOrder))
                    throw $TypeError(".crescendo.CoordinatorMessage.finishOrder: object expected");
                message.finishOrder = $root.crescendo.FinishOrder.fromObject(object.finishOrder, _depth + 1);
            }
            if (object.released != null) {
                if (!$util.isObject(object.released))
                    throw $TypeError(".crescendo.CoordinatorMessage.released: object expected");
                message.released = $root.crescendo.Released.fromObject(object.released, _depth + 1);
            }
            if (object.checkpointOrder != null) {
                if (!$util.isObject(object.checkpointOrder))
                    throw $TypeError(".crescendo.CoordinatorMessage.checkpointOrder: object expected");
                message.checkpointOrder = $root.crescendo.CheckpointOrder.fromObject(object.checkpointOrder, _depth + 1);
            }
            if (object.blockStored != null) {
                if (!$util.isObject(object.blockStored))
                    throw $TypeError(".crescendo.CoordinatorMessage.blockStored: object expected");
                message.blockStored = $root.crescendo.BlockStored.fromObject(object.blockStored, _depth + 1);
            }
            if (object.restoredBlock != null) {
                if (!$util.isObject(object.restoredBlock))
                    throw $TypeError(".crescendo.CoordinatorMessage.restoredBlock: object expected");
                message.restoredBlock = $root.crescendo.RestoredBlock.fromObject(object.restoredBlock, _depth + 1);
            }
            if (object.heartbeatSeen != null) {
                if (!$util.isObject(object.heartbeatSeen))
                    throw $TypeError(".crescendo.CoordinatorMessage.heartbeatSeen: object expected");
                message.heartbeatSeen = $root.crescendo.HeartbeatSeen.fromObject(object.heartbeatSeen, _depth + 1);
            }
            return message;
        };

        /**
         * Creates a plain object from a CoordinatorMessage message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.CoordinatorMessage
         * @static
         * @param {crescendo.CoordinatorMessage} message CoordinatorMessage
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        CoordinatorMessage.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome")) {
                object.welcome = $root.crescendo.Welcome.toObject(message.welcome, options, _depth + 1);
                if (options.oneofs)
                    object.body = "welcome";
            }
            if (message.refused != null && $Object.hasOwnProperty.call(message, "refused")) {
                object.refused = $root.crescendo.Refused.toObject(message.refused, options, _depth + 1);
                if (options.oneofs)
                    object.body = "refused";
            }
            if (message.roster != null && $Object.hasOwnProperty.call(message, "roster")) {
                object.roster = $root.crescendo.Roster.toObject(message.roster, options, _depth + 1);
                if (options.oneofs)
                    object.body = "roster";
            }
            if (message.stepOrder != null && $Object.hasOwnProperty.call(message, "stepOrder")) {
                object.stepOrder = $root.crescendo.StepOrder.toObject(message.stepOrder, options, _depth + 1);
                if (options.oneofs)
                    object.body = "stepOrder";
            }
            if (message.evaluationOrder != null && $Object.hasOwnProperty.call(message, "evaluationOrder")) {
                object.evaluationOrder = $root.crescendo.EvaluationOrder.toObject(message.evaluationOrder, options, _depth + 1);
                if (options.oneofs)
                    object.body = "evaluationOrder";
            }
            if (message.finishOrder != null && $Object.hasOwnProperty.call(message, "finishOrder")) {
                object.finishOrder = $root.crescendo.FinishOrder.toObject(message.finishOrder, options, _depth + 1);
                if (options.oneofs)
                    object.body = "finishOrder";
            }
            if (message.released != null && $Object.hasOwnProperty.call(message, "released")) {
                object.released = $root.crescendo.Released.toObject(message.released, options, _depth + 1);
                if (options.oneofs)
                    object.body = "released";
            }
            if (message.checkpointOrder != null && $Object.hasOwnProperty.call(message, "checkpointOrder")) {
                object.checkpointOrder = $root.crescendo.CheckpointOrder.toObject(message.checkpointOrder, options, _depth + 1);
                if (options.oneofs)
                    object.body = "checkpointOrder";
            }
            if (message.blockStored != null && $Object.hasOwnProperty.call(message, "blockStored")) {
                object.blockStored = $root.crescendo.BlockStored.toObject(message.blockStored, options, _depth + 1);
                if (options.oneofs)
                    object.body = "blockStored";
            }
            if (message.restoredBlock != null && $Object.hasOwnProperty.call(message, "restoredBlock")) {
                object.restoredBlock = $root.crescendo.RestoredBlock.toObject(message.restoredBlock, options, _depth + 1);
                if (options.oneofs)
                    object.body = "restoredBlock";
            }
            if (message.heartbeatSeen != null && $Object.hasOwnProperty.call(message, "heartbeatSeen")) {
                object.heartbeatSeen = $root.crescendo.HeartbeatSeen.toObject(message.heartbeatSeen, options, _depth + 1);
                if (options.oneofs)
                    object.body = "heartbeatSeen";
            }
            return object;
        };

        /**
         * Converts this CoordinatorMessage to JSON.
         * @function toJSON
         * @memberof crescendo.CoordinatorMessage
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        CoordinatorMessage.prototype.toJSON = function() {
            return CoordinatorMessage.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for CoordinatorMessage
         * @function getTypeUrl
         * @memberof crescendo.CoordinatorMessage
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        CoordinatorMessage.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.CoordinatorMessage";
        };

        return CoordinatorMessage;
    })();

    crescendo.Hello = (function() {

        /**
         * Properties of a Hello.
         * @typedef {Object} crescendo.Hello.$Properties
         * @property {number|null} [protocolVersion] Hello protocolVersion
         * @property {string|null} [configFingerprint] Hello configFingerprint
         * @property {string|null} [joinToken] Hello joinToken
         * @property {string|null} [hostName] Hello hostName
         * @property {number|null} [processId] Hello processId
         * @property {string|null} [dataUrl] Hello dataUrl
         * @property {string|null} [metricsAddress] Hello metricsAddress
         * @property {string|null} [machine] Hello machine
         * @property {string|null} [localPath] Hello localPath
         * @property {string|null} [workerId] Hello workerId
         * @property {string|null} [runId] Hello runId
         * @property {number|null} [slot] Hello slot
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Hello.
         * @memberof crescendo
         * @interface IHello
         * @augments crescendo.Hello.$Properties
         * @deprecated Use crescendo.Hello.$Properties instead.
         */

        /**
         * Shape of a Hello.
         * @typedef {crescendo.Hello.$Properties} crescendo.Hello.$Shape
         */

        /**
         * Constructs a new Hello.
         * @memberof crescendo
         * @classdesc Represents a Hello.
         * @constructor
         * @param {crescendo.Hello.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Hello = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Hello protocolVersion.
         * @member {number} protocolVersion
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.protocolVersion = 0;

        /**
         * Hello configFingerprint.
         * @member {string} configFingerprint
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.configFingerprint = "";

        /**
         * Hello joinToken.
         * @member {string} joinToken
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.joinToken = "";

        /**
         * Hello hostName.
         * @member {string} hostName
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.hostName = "";

        /**
         * Hello processId.
         * @member {number} processId
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.processId = 0;

        /**
         * Hello dataUrl.
         * @member {string} dataUrl
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.dataUrl = "";

        /**
         * Hello metricsAddress.
         * @member {string} metricsAddress
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.metricsAddress = "";

        /**
         * Hello machine.
         * @member {string} machine
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.machine = "";

        /**
         * Hello localPath.
         * @member {string} localPath
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.localPath = "";

        /**
         * Hello workerId.
         * @member {string} workerId
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.workerId = "";

        /**
         * Hello runId.
         * @member {string} runId
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.runId = "";

        /**
         * Hello slot.
         * @member {number} slot
         * @memberof crescendo.Hello
         * @instance
         */
        Hello.prototype.slot = 0;

        /**
         * Encodes the specified Hello message. Does not implicitly {@link crescendo.Hello.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Hello
         * @static
         * @param {crescendo.Hello.$Properties} message Hello message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Hello.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.protocolVersion != null && $Object.hasOwnProperty.call(message, "protocolVersion") && message.protocolVersion !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocolVersion);
            if (message.configFingerprint != null && $Object.hasOwnProperty.call(message, "configFingerprint") && message.configFingerprint !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.configFingerprint);
            if (message.joinToken != null && $Object.hasOwnProperty.call(message, "joinToken") && message.joinToken !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.joinToken);
            if (message.hostName != null && $Object.hasOwnProperty.call(message, "hostName") && message.hostName !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.hostName);
            if (message.processId != null && $Object.hasOwnProperty.call(message, "processId") && message.processId !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.processId);
            if (message.dataUrl != null && $Object.hasOwnProperty.call(message, "dataUrl") && message.dataUrl !== "")
                writer.uint32(/* id 6, wireType 2 =*/50).string(message.dataUrl);
            if (message.metricsAddress != null && $Object.hasOwnProperty.call(message, "metricsAddress") && message.metricsAddress !== "")
                writer.uint32(/* id 7, wireType 2 =*/58).string(message.metricsAddress);
            if (message.machine != null && $Object.hasOwnProperty.call(message, "machine") && message.machine !== "")
                writer.uint32(/* id 8, wireType 2 =*/66).string(message.machine);
            if (message.localPath != null && $Object.hasOwnProperty.call(message, "localPath") && message.localPath !== "")
                writer.uint32(/* id 9, wireType 2 =*/74).string(message.localPath);
            if (message.workerId != null && $Object.hasOwnProperty.call(message, "workerId") && message.workerId !== "")
                writer.uint32(/* id 10, wireType 2 =*/82).string(message.workerId);
            if (message.runId != null && $Object.hasOwnProperty.call(message, "runId") && message.runId !== "")
                writer.uint32(/* id 11, wireType 2 =*/90).string(message.runId);
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 12, wireType 0 =*/96).uint32(message.slot);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Hello message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Hello
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Hello & crescendo.Hello.$Shape} Hello
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Hello.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Hello();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.protocolVersion = value;
                        else
                            delete message.protocolVersion;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.configFingerprint = value;
                        else
                            delete message.configFingerprint;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.joinToken = value;
                        else
                            delete message.joinToken;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.hostName = value;
                        else
                            delete message.hostName;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.processId = value;
                        else
                            delete message.processId;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.dataUrl = value;
                        else
                            delete message.dataUrl;
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.metricsAddress = value;
                        else
                            delete message.metricsAddress;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.machine = value;
                        else
                            delete message.machine;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.localPath = value;
                        else
                            delete message.localPath;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.workerId = value;
                        else
                            delete message.workerId;
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.runId = value;
                        else
                            delete message.runId;
                        continue;
                    }
                case 12: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Hello message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Hello
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Hello} Hello
         */
        Hello.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Hello)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Hello: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Hello();
            if (object.protocolVersion != null)
                if ($Number(object.protocolVersion) !== 0)
                    message.protocolVersion = object.protocolVersion >>> 0;
            if (object.configFingerprint != null)
                if (typeof object.configFingerprint !== "string" || object.configFingerprint.length)
                    message.configFingerprint = $String(object.configFingerprint);
            if (object.joinToken != null)
                if (typeof object.joinToken !== "string" || object.joinToken.length)
                    message.joinToken = $String(object.joinToken);
            if (object.hostName != null)
                if (typeof object.hostName !== "string" || object.hostName.length)
                    message.hostName = $String(object.hostName);
            if (object.processId != null)
                if ($Number(object.processId) !== 0)
                    message.processId = object.processId >>> 0;
            if (object.dataUrl != null)
                if (typeof object.dataUrl !== "string" || object.dataUrl.length)
                    message.dataUrl = $String(object.dataUrl);
            if (object.metricsAddress != null)
                if (typeof object.metricsAddress !== "string" || object.metricsAddress.length)
                    message.metricsAddress = $String(object.metricsAddress);
            if (object.machine != null)
                if (typeof object.machine !== "string" || object.machine.length)
                    message.machine = $String(object.machine);
            if (object.localPath != null)
                if (typeof object.localPath !== "string" || object.localPath.length)
                    message.localPath = $String(object.localPath);
            if (object.workerId != null)
                if (typeof object.workerId !== "string" || object.workerId.length)
                    message.workerId = $String(object.workerId);
            if (object.runId != null)
                if (typeof object.runId !== "string" || object.runId.length)
                    message.runId = $String(object.runId);
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a Hello message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Hello
         * @static
         * @param {crescendo.Hello} message Hello
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Hello.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.protocolVersion = 0;
                object.configFingerprint = "";
                object.joinToken = "";
                object.hostName = "";
                object.processId = 0;
                object.dataUrl = "";
                object.metricsAddress = "";
                object.machine = "";
                object.localPath = "";
                object.workerId = "";
                object.runId = "";
                object.slot = 0;
            }
            if (message.protocolVersion != null && $Object.hasOwnProperty.call(message, "protocolVersion"))
                object.protocolVersion = message.protocolVersion;
            if (message.configFingerprint != null && $Object.hasOwnProperty.call(message, "configFingerprint"))
                object.configFingerprint = message.configFingerprint;
            if (message.joinToken != null && $Object.hasOwnProperty.call(message, "joinToken"))
                object.joinToken = message.joinToken;
            if (message.hostName != null && $Object.hasOwnProperty.call(message, "hostName"))
                object.hostName = message.hostName;
            if (message.processId != null && $Object.hasOwnProperty.call(message, "processId"))
                object.processId = message.processId;
            if (message.dataUrl != null && $Object.hasOwnProperty.call(message, "dataUrl"))
                object.dataUrl = message.dataUrl;
            if (message.metricsAddress != null && $Object.hasOwnProperty.call(message, "metricsAddress"))
                object.metricsAddress = message.metricsAddress;
            if (message.machine != null && $Object.hasOwnProperty.call(message, "machine"))
                object.machine = message.machine;
            if (message.localPath != null && $Object.hasOwnProperty.call(message, "localPath"))
                object.localPath = message.localPath;
            if (message.workerId != null && $Object.hasOwnProperty.call(message, "workerId"))
                object.workerId = message.workerId;
            if (message.runId != null && $Object.hasOwnProperty.call(message, "runId"))
                object.runId = message.runId;
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            return object;
        };

        /**
         * Converts this Hello to JSON.
         * @function toJSON
         * @memberof crescendo.Hello
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Hello.prototype.toJSON = function() {
            return Hello.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Hello
         * @function getTypeUrl
         * @memberof crescendo.Hello
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Hello.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Hello";
        };

        return Hello;
    })();

    crescendo.Welcome = (function() {

        /**
         * Properties of a Welcome.
         * @typedef {Object} crescendo.Welcome.$Properties
         * @property {number|null} [slot] Welcome slot
         * @property {string|null} [runId] Welcome runId
         * @property {string|null} [runConfigJson] Welcome runConfigJson
         * @property {string|null} [configFingerprint] Welcome configFingerprint
         * @property {string|null} [peerToken] Welcome peerToken
         * @property {number|null} [heartbeatIntervalMs] Welcome heartbeatIntervalMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Welcome.
         * @memberof crescendo
         * @interface IWelcome
         * @augments crescendo.Welcome.$Properties
         * @deprecated Use crescendo.Welcome.$Properties instead.
         */

        /**
         * Shape of a Welcome.
         * @typedef {crescendo.Welcome.$Properties} crescendo.Welcome.$Shape
         */

        /**
         * Constructs a new Welcome.
         * @memberof crescendo
         * @classdesc Represents a Welcome.
         * @constructor
         * @param {crescendo.Welcome.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Welcome = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Welcome slot.
         * @member {number} slot
         * @memberof crescendo.Welcome
         * @instance
         */
        Welcome.prototype.slot = 0;

        /**
         * Welcome runId.
         * @member {string} runId
         * @memberof crescendo.Welcome
         * @instance
         */
        Welcome.prototype.runId = "";

        /**
         * Welcome runConfigJson.
         * @member {string} runConfigJson
         * @memberof crescendo.Welcome
         * @instance
         */
        Welcome.prototype.runConfigJson = "";

        /**
         * Welcome configFingerprint.
         * @member {string} configFingerprint
         * @memberof crescendo.Welcome
         * @instance
         */
        Welcome.prototype.configFingerprint = "";

        /**
         * Welcome peerToken.
         * @member {string} peerToken
         * @memberof crescendo.Welcome
         * @instance
         */
        Welcome.prototype.peerToken = "";

        /**
         * Welcome heartbeatIntervalMs.
         * @member {number} heartbeatIntervalMs
         * @memberof crescendo.Welcome
         * @instance
         */
        Welcome.prototype.heartbeatIntervalMs = 0;

        /**
         * Encodes the specified Welcome message. Does not implicitly {@link crescendo.Welcome.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Welcome
         * @static
         * @param {crescendo.Welcome.$Properties} message Welcome message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Welcome.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.runId != null && $Object.hasOwnProperty.call(message, "runId") && message.runId !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.runId);
            if (message.runConfigJson != null && $Object.hasOwnProperty.call(message, "runConfigJson") && message.runConfigJson !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.runConfigJson);
            if (message.configFingerprint != null && $Object.hasOwnProperty.call(message, "configFingerprint") && message.configFingerprint !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.configFingerprint);
            if (message.peerToken != null && $Object.hasOwnProperty.call(message, "peerToken") && message.peerToken !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.peerToken);
            if (message.heartbeatIntervalMs != null && $Object.hasOwnProperty.call(message, "heartbeatIntervalMs") && message.heartbeatIntervalMs !== 0)
                writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.heartbeatIntervalMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Welcome message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Welcome
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Welcome & crescendo.Welcome.$Shape} Welcome
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Welcome.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Welcome();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.runId = value;
                        else
                            delete message.runId;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.runConfigJson = value;
                        else
                            delete message.runConfigJson;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.configFingerprint = value;
                        else
                            delete message.configFingerprint;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.peerToken = value;
                        else
                            delete message.peerToken;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.heartbeatIntervalMs = value;
                        else
                            delete message.heartbeatIntervalMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Welcome message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Welcome
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Welcome} Welcome
         */
        Welcome.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Welcome)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Welcome: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Welcome();
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            if (object.runId != null)
                if (typeof object.runId !== "string" || object.runId.length)
                    message.runId = $String(object.runId);
            if (object.runConfigJson != null)
                if (typeof object.runConfigJson !== "string" || object.runConfigJson.length)
                    message.runConfigJson = $String(object.runConfigJson);
            if (object.configFingerprint != null)
                if (typeof object.configFingerprint !== "string" || object.configFingerprint.length)
                    message.configFingerprint = $String(object.configFingerprint);
            if (object.peerToken != null)
                if (typeof object.peerToken !== "string" || object.peerToken.length)
                    message.peerToken = $String(object.peerToken);
            if (object.heartbeatIntervalMs != null)
                if ($Number(object.heartbeatIntervalMs) !== 0)
                    message.heartbeatIntervalMs = object.heartbeatIntervalMs >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a Welcome message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Welcome
         * @static
         * @param {crescendo.Welcome} message Welcome
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Welcome.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.slot = 0;
                object.runId = "";
                object.runConfigJson = "";
                object.configFingerprint = "";
                object.peerToken = "";
                object.heartbeatIntervalMs = 0;
            }
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            if (message.runId != null && $Object.hasOwnProperty.call(message, "runId"))
                object.runId = message.runId;
            if (message.runConfigJson != null && $Object.hasOwnProperty.call(message, "runConfigJson"))
                object.runConfigJson = message.runConfigJson;
            if (message.configFingerprint != null && $Object.hasOwnProperty.call(message, "configFingerprint"))
                object.configFingerprint = message.configFingerprint;
            if (message.peerToken != null && $Object.hasOwnProperty.call(message, "peerToken"))
                object.peerToken = message.peerToken;
            if (message.heartbeatIntervalMs != null && $Object.hasOwnProperty.call(message, "heartbeatIntervalMs"))
                object.heartbeatIntervalMs = message.heartbeatIntervalMs;
            return object;
        };

        /**
         * Converts this Welcome to JSON.
         * @function toJSON
         * @memberof crescendo.Welcome
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Welcome.prototype.toJSON = function() {
            return Welcome.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Welcome
         * @function getTypeUrl
         * @memberof crescendo.Welcome
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Welcome.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Welcome";
        };

        return Welcome;
    })();

    crescendo.Refused = (function() {

        /**
         * Properties of a Refused.
         * @typedef {Object} crescendo.Refused.$Properties
         * @property {string|null} [code] Refused code
         * @property {string|null} [message] Refused message
         * @property {number|null} [retryAfterMs] Refused retryAfterMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Refused.
         * @memberof crescendo
         * @interface IRefused
         * @augments crescendo.Refused.$Properties
         * @deprecated Use crescendo.Refused.$Properties instead.
         */

        /**
         * Shape of a Refused.
         * @typedef {crescendo.Refused.$Properties} crescendo.Refused.$Shape
         */

        /**
         * Constructs a new Refused.
         * @memberof crescendo
         * @classdesc Represents a Refused.
         * @constructor
         * @param {crescendo.Refused.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Refused = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Refused code.
         * @member {string} code
         * @memberof crescendo.Refused
         * @instance
         */
        Refused.prototype.code = "";

        /**
         * Refused message.
         * @member {string} message
         * @memberof crescendo.Refused
         * @instance
         */
        Refused.prototype.message = "";

        /**
         * Refused retryAfterMs.
         * @member {number} retryAfterMs
         * @memberof crescendo.Refused
         * @instance
         */
        Refused.prototype.retryAfterMs = 0;

        /**
         * Encodes the specified Refused message. Does not implicitly {@link crescendo.Refused.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Refused
         * @static
         * @param {crescendo.Refused.$Properties} message Refused message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Refused.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.code);
            if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.message);
            if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs") && message.retryAfterMs !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.retryAfterMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Refused message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Refused
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Refused & crescendo.Refused.$Shape} Refused
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Refused.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Refused();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.message = value;
                        else
                            delete message.message;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.retryAfterMs = value;
                        else
                            delete message.retryAfterMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Refused message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Refused
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Refused} Refused
         */
        Refused.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Refused)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Refused: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Refused();
            if (object.code != null)
                if (typeof object.code !== "string" || object.code.length)
                    message.code = $String(object.code);
            if (object.message != null)
                if (typeof object.message !== "string" || object.message.length)
                    message.message = $String(object.message);
            if (object.retryAfterMs != null)
                if ($Number(object.retryAfterMs) !== 0)
                    message.retryAfterMs = object.retryAfterMs >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a Refused message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Refused
         * @static
         * @param {crescendo.Refused} message Refused
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Refused.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.code = "";
                object.message = "";
                object.retryAfterMs = 0;
            }
            if (message.code != null && $Object.hasOwnProperty.call(message, "code"))
                object.code = message.code;
            if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                object.message = message.message;
            if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs"))
                object.retryAfterMs = message.retryAfterMs;
            return object;
        };

        /**
         * Converts this Refused to JSON.
         * @function toJSON
         * @memberof crescendo.Refused
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Refused.prototype.toJSON = function() {
            return Refused.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Refused
         * @function getTypeUrl
         * @memberof crescendo.Refused
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Refused.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Refused";
        };

        return Refused;
    })();

    crescendo.Member = (function() {

        /**
         * Properties of a Member.
         * @typedef {Object} crescendo.Member.$Properties
         * @property {number|null} [slot] Member slot
         * @property {string|null} [dataUrl] Member dataUrl
         * @property {boolean|null} [hasState] Member hasState
         * @property {string|null} [machine] Member machine
         * @property {string|null} [localPath] Member localPath
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Member.
         * @memberof crescendo
         * @interface IMember
         * @augments crescendo.Member.$Properties
         * @deprecated Use crescendo.Member.$Properties instead.
         */

        /**
         * Shape of a Member.
         * @typedef {crescendo.Member.$Properties} crescendo.Member.$Shape
         */

        /**
         * Constructs a new Member.
         * @memberof crescendo
         * @classdesc Represents a Member.
         * @constructor
         * @param {crescendo.Member.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Member = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Member slot.
         * @member {number} slot
         * @memberof crescendo.Member
         * @instance
         */
        Member.prototype.slot = 0;

        /**
         * Member dataUrl.
         * @member {string} dataUrl
         * @memberof crescendo.Member
         * @instance
         */
        Member.prototype.dataUrl = "";

        /**
         * Member hasState.
         * @member {boolean} hasState
         * @memberof crescendo.Member
         * @instance
         */
        Member.prototype.hasState = false;

        /**
         * Member machine.
         * @member {string} machine
         * @memberof crescendo.Member
         * @instance
         */
        Member.prototype.machine = "";

        /**
         * Member localPath.
         * @member {string} localPath
         * @memberof crescendo.Member
         * @instance
         */
        Member.prototype.localPath = "";

        /**
         * Encodes the specified Member message. Does not implicitly {@link crescendo.Member.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Member
         * @static
         * @param {crescendo.Member.$Properties} message Member message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Member.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.dataUrl != null && $Object.hasOwnProperty.call(message, "dataUrl") && message.dataUrl !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.dataUrl);
            if (message.hasState != null && $Object.hasOwnProperty.call(message, "hasState") && message.hasState !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.hasState);
            if (message.machine != null && $Object.hasOwnProperty.call(message, "machine") && message.machine !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.machine);
            if (message.localPath != null && $Object.hasOwnProperty.call(message, "localPath") && message.localPath !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.localPath);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Member message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Member
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Member & crescendo.Member.$Shape} Member
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Member.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Member();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.dataUrl = value;
                        else
                            delete message.dataUrl;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.hasState = value;
                        else
                            delete message.hasState;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.machine = value;
                        else
                            delete message.machine;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.localPath = value;
                        else
                            delete message.localPath;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Member message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Member
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Member} Member
         */
        Member.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Member)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Member: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Member();
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            if (object.dataUrl != null)
                if (typeof object.dataUrl !== "string" || object.dataUrl.length)
                    message.dataUrl = $String(object.dataUrl);
            if (object.hasState != null)
                if (object.hasState)
                    message.hasState = $Boolean(object.hasState);
            if (object.machine != null)
                if (typeof object.machine !== "string" || object.machine.length)
                    message.machine = $String(object.machine);
            if (object.localPath != null)
                if (typeof object.localPath !== "string" || object.localPath.length)
                    message.localPath = $String(object.localPath);
            return message;
        };

        /**
         * Creates a plain object from a Member message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Member
         * @static
         * @param {crescendo.Member} message Member
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Member.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.slot = 0;
                object.dataUrl = "";
                object.hasState = false;
                object.machine = "";
                object.localPath = "";
            }
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            if (message.dataUrl != null && $Object.hasOwnProperty.call(message, "dataUrl"))
                object.dataUrl = message.dataUrl;
            if (message.hasState != null && $Object.hasOwnProperty.call(message, "hasState"))
                object.hasState = message.hasState;
            if (message.machine != null && $Object.hasOwnProperty.call(message, "machine"))
                object.machine = message.machine;
            if (message.localPath != null && $Object.hasOwnProperty.call(message, "localPath"))
                object.localPath = message.localPath;
            return object;
        };

        /**
         * Converts this Member to JSON.
         * @function toJSON
         * @memberof crescendo.Member
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Member.prototype.toJSON = function() {
            return Member.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Member
         * @function getTypeUrl
         * @memberof crescendo.Member
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Member.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Member";
        };

        return Member;
    })();

    crescendo.Roster = (function() {

        /**
         * Properties of a Roster.
         * @typedef {Object} crescendo.Roster.$Properties
         * @property {number|null} [generation] Roster generation
         * @property {Array.<crescendo.Member.$Properties>|null} [members] Roster members
         * @property {number|null} [committedSteps] Roster committedSteps
         * @property {number|null} [stateSourceSlot] Roster stateSourceSlot
         * @property {number|null} [shardGeneration] Roster shardGeneration
         * @property {Array.<crescendo.ShardMember.$Properties>|null} [shardMembers] Roster shardMembers
         * @property {number|null} [history] Roster history
         * @property {boolean|null} [stateBesideSteps] Roster stateBesideSteps
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Roster.
         * @memberof crescendo
         * @interface IRoster
         * @augments crescendo.Roster.$Properties
         * @deprecated Use crescendo.Roster.$Properties instead.
         */

        /**
         * Shape of a Roster.
         * @typedef {crescendo.Roster.$Properties} crescendo.Roster.$Shape
         */

        /**
         * Constructs a new Roster.
         * @memberof crescendo
         * @classdesc Represents a Roster.
         * @constructor
         * @param {crescendo.Roster.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Roster = function (properties) {
            this.members = [];
            this.shardMembers = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Roster generation.
         * @member {number} generation
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.generation = 0;

        /**
         * Roster members.
         * @member {Array.<crescendo.Member.$Properties>} members
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.members = $util.emptyArray;

        /**
         * Roster committedSteps.
         * @member {number} committedSteps
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.committedSteps = 0;

        /**
         * Roster stateSourceSlot.
         * @member {number} stateSourceSlot
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.stateSourceSlot = 0;

        /**
         * Roster shardGeneration.
         * @member {number} shardGeneration
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.shardGeneration = 0;

        /**
         * Roster shardMembers.
         * @member {Array.<crescendo.ShardMember.$Properties>} shardMembers
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.shardMembers = $util.emptyArray;

        /**
         * Roster history.
         * @member {number} history
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.history = 0;

        /**
         * Roster stateBesideSteps.
         * @member {boolean} stateBesideSteps
         * @memberof crescendo.Roster
         * @instance
         */
        Roster.prototype.stateBesideSteps = false;

        /**
         * Encodes the specified Roster message. Does not implicitly {@link crescendo.Roster.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Roster
         * @static
         * @param {crescendo.Roster.$Properties} message Roster message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Roster.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.members != null && message.members.length)
                for (let i = 0; i < message.members.length; ++i)
                    $root.crescendo.Member.encode(message.members[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps") && message.committedSteps !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.committedSteps);
            if (message.stateSourceSlot != null && $Object.hasOwnProperty.call(message, "stateSourceSlot") && message.stateSourceSlot !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).sint32(message.stateSourceSlot);
            if (message.shardGeneration != null && $Object.hasOwnProperty.call(message, "shardGeneration") && message.shardGeneration !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.shardGeneration);
            if (message.shardMembers != null && message.shardMembers.length)
                for (let i = 0; i < message.shardMembers.length; ++i)
                    $root.crescendo.ShardMember.encode(message.shardMembers[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.history != null && $Object.hasOwnProperty.call(message, "history") && message.history !== 0)
                writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.history);
            if (message.stateBesideSteps != null && $Object.hasOwnProperty.call(message, "stateBesideSteps") && message.stateBesideSteps !== false)
                writer.uint32(/* id 8, wireType 0 =*/64).bool(message.stateBesideSteps);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Roster message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Roster
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Roster & crescendo.Roster.$Shape} Roster
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Roster.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Roster();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if (!(message.members && message.members.length))
                            message.members = [];
                        message.members.push($root.crescendo.Member.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.committedSteps = value;
                        else
                            delete message.committedSteps;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.sint32())
                            message.stateSourceSlot = value;
                        else
                            delete message.stateSourceSlot;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.shardGeneration = value;
                        else
                            delete message.shardGeneration;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if (!(message.shardMembers && message.shardMembers.length))
                            message.shardMembers = [];
                        message.shardMembers.push($root.crescendo.ShardMember.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.history = value;
                        else
                            delete message.history;
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.stateBesideSteps = value;
                        else
                            delete message.stateBesideSteps;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Roster message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Roster
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Roster} Roster
         */
        Roster.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Roster)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Roster: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Roster();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.members) {
                if (!$Array.isArray(object.members))
                    throw $TypeError(".crescendo.Roster.members: array expected");
                message.members = $Array(object.members.length);
                for (let i = 0; i < object.members.length; ++i) {
                    if (!$util.isObject(object.members[i]))
                        throw $TypeError(".crescendo.Roster.members: object expected");
                    message.members[i] = $root.crescendo.Member.fromObject(object.members[i], _depth + 1);
                }
            }
            if (object.committedSteps != null)
                if ($Number(object.committedSteps) !== 0)
                    message.committedSteps = object.committedSteps >>> 0;
            if (object.stateSourceSlot != null)
                if ($Number(object.stateSourceSlot) !== 0)
                    message.stateSourceSlot = object.stateSourceSlot | 0;
            if (object.shardGeneration != null)
                if ($Number(object.shardGeneration) !== 0)
                    message.shardGeneration = object.shardGeneration >>> 0;
            if (object.shardMembers) {
                if (!$Array.isArray(object.shardMembers))
                    throw $TypeError(".crescendo.Roster.shardMembers: array expected");
                message.shardMembers = $Array(object.shardMembers.length);
                for (let i = 0; i < object.shardMembers.length; ++i) {
                    if (!$util.isObject(object.shardMembers[i]))
                        throw $TypeError(".crescendo.Roster.shardMembers: object expected");
                    message.shardMembers[i] = $root.crescendo.ShardMember.fromObject(object.shardMembers[i], _depth + 1);
                }
            }
            if (object.history != null)
                if ($Number(object.history) !== 0)
                    message.history = object.history >>> 0;
            if (object.stateBesideSteps != null)
                if (object.stateBesideSteps)
                    message.stateBesideSteps = $Boolean(object.stateBesideSteps);
            return message;
        };

        /**
         * Creates a plain object from a Roster message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Roster
         * @static
         * @param {crescendo.Roster} message Roster
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Roster.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults) {
                object.members = [];
                object.shardMembers = [];
            }
            if (options.defaults) {
                object.generation = 0;
                object.committedSteps = 0;
                object.stateSourceSlot = 0;
                object.shardGeneration = 0;
                object.history = 0;
                object.stateBesideSteps = false;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.members && message.members.length) {
                object.members = $Array(message.members.length);
                for (let j = 0; j < message.members.length; ++j)
                    object.members[j] = $root.crescendo.Member.toObject(message.members[j], options, _depth + 1);
            }
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps"))
                object.committedSteps = message.committedSteps;
            if (message.stateSourceSlot != null && $Object.hasOwnProperty.call(message, "stateSourceSlot"))
                object.stateSourceSlot = message.stateSourceSlot;
            if (message.shardGeneration != null && $Object.hasOwnProperty.call(message, "shardGeneration"))
                object.shardGeneration = message.shardGeneration;
            if (message.shardMembers && message.shardMembers.length) {
                object.shardMembers = $Array(message.shardMembers.length);
                for (let j = 0; j < message.shardMembers.length; ++j)
                    object.shardMembers[j] = $root.crescendo.ShardMember.toObject(message.shardMembers[j], options, _depth + 1);
            }
            if (message.history != null && $Object.hasOwnProperty.call(message, "history"))
                object.history = message.history;
            if (message.stateBesideSteps != null && $Object.hasOwnProperty.call(message, "stateBesideSteps"))
                object.stateBesideSteps = message.stateBesideSteps;
            return object;
        };

        /**
         * Converts this Roster to JSON.
         * @function toJSON
         * @memberof crescendo.Roster
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Roster.prototype.toJSON = function() {
            return Roster.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Roster
         * @function getTypeUrl
         * @memberof crescendo.Roster
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Roster.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Roster";
        };

        return Roster;
    })();

    crescendo.StateHeld = (function() {

        /**
         * Properties of a StateHeld.
         * @typedef {Object} crescendo.StateHeld.$Properties
         * @property {number|null} [generation] StateHeld generation
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StateHeld.
         * @memberof crescendo
         * @interface IStateHeld
         * @augments crescendo.StateHeld.$Properties
         * @deprecated Use crescendo.StateHeld.$Properties instead.
         */

        /**
         * Shape of a StateHeld.
         * @typedef {crescendo.StateHeld.$Properties} crescendo.StateHeld.$Shape
         */

        /**
         * Constructs a new StateHeld.
         * @memberof crescendo
         * @classdesc Represents a StateHeld.
         * @constructor
         * @param {crescendo.StateHeld.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StateHeld = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StateHeld generation.
         * @member {number} generation
         * @memberof crescendo.StateHeld
         * @instance
         */
        StateHeld.prototype.generation = 0;

        /**
         * Encodes the specified StateHeld message. Does not implicitly {@link crescendo.StateHeld.verify|verify} messages.
         * @function encode
         * @memberof crescendo.StateHeld
         * @static
         * @param {crescendo.StateHeld.$Properties} message StateHeld message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StateHeld.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StateHeld message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.StateHeld
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.StateHeld & crescendo.StateHeld.$Shape} StateHeld
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StateHeld.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.StateHeld();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a StateHeld message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.StateHeld
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.StateHeld} StateHeld
         */
        StateHeld.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.StateHeld)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.StateHeld: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.StateHeld();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a StateHeld message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.StateHeld
         * @static
         * @param {crescendo.StateHeld} message StateHeld
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        StateHeld.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults)
                object.generation = 0;
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            return object;
        };

        /**
         * Converts this StateHeld to JSON.
         * @function toJSON
         * @memberof crescendo.StateHeld
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        StateHeld.prototype.toJSON = function() {
            return StateHeld.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for StateHeld
         * @function getTypeUrl
         * @memberof crescendo.StateHeld
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        StateHeld.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.StateHeld";
        };

        return StateHeld;
    })();

    crescendo.ShardMember = (function() {

        /**
         * Properties of a ShardMember.
         * @typedef {Object} crescendo.ShardMember.$Properties
         * @property {number|null} [slot] ShardMember slot
         * @property {string|null} [machine] ShardMember machine
         * @property {boolean|null} [isGone] ShardMember isGone
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ShardMember.
         * @memberof crescendo
         * @interface IShardMember
         * @augments crescendo.ShardMember.$Properties
         * @deprecated Use crescendo.ShardMember.$Properties instead.
         */

        /**
         * Shape of a ShardMember.
         * @typedef {crescendo.ShardMember.$Properties} crescendo.ShardMember.$Shape
         */

        /**
         * Constructs a new ShardMember.
         * @memberof crescendo
         * @classdesc Represents a ShardMember.
         * @constructor
         * @param {crescendo.ShardMember.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ShardMember = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ShardMember slot.
         * @member {number} slot
         * @memberof crescendo.ShardMember
         * @instance
         */
        ShardMember.prototype.slot = 0;

        /**
         * ShardMember machine.
         * @member {string} machine
         * @memberof crescendo.ShardMember
         * @instance
         */
        ShardMember.prototype.machine = "";

        /**
         * ShardMember isGone.
         * @member {boolean} isGone
         * @memberof crescendo.ShardMember
         * @instance
         */
        ShardMember.prototype.isGone = false;

        /**
         * Encodes the specified ShardMember message. Does not implicitly {@link crescendo.ShardMember.verify|verify} messages.
         * @function encode
         * @memberof crescendo.ShardMember
         * @static
         * @param {crescendo.ShardMember.$Properties} message ShardMember message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ShardMember.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.machine != null && $Object.hasOwnProperty.call(message, "machine") && message.machine !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.machine);
            if (message.isGone != null && $Object.hasOwnProperty.call(message, "isGone") && message.isGone !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.isGone);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ShardMember message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.ShardMember
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.ShardMember & crescendo.ShardMember.$Shape} ShardMember
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ShardMember.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.ShardMember();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.machine = value;
                        else
                            delete message.machine;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.isGone = value;
                        else
                            delete message.isGone;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a ShardMember message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.ShardMember
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.ShardMember} ShardMember
         */
        ShardMember.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.ShardMember)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.ShardMember: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.ShardMember();
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            if (object.machine != null)
                if (typeof object.machine !== "string" || object.machine.length)
                    message.machine = $String(object.machine);
            if (object.isGone != null)
                if (object.isGone)
                    message.isGone = $Boolean(object.isGone);
            return message;
        };

        /**
         * Creates a plain object from a ShardMember message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.ShardMember
         * @static
         * @param {crescendo.ShardMember} message ShardMember
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        ShardMember.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.slot = 0;
                object.machine = "";
                object.isGone = false;
            }
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            if (message.machine != null && $Object.hasOwnProperty.call(message, "machine"))
                object.machine = message.machine;
            if (message.isGone != null && $Object.hasOwnProperty.call(message, "isGone"))
                object.isGone = message.isGone;
            return object;
        };

        /**
         * Converts this ShardMember to JSON.
         * @function toJSON
         * @memberof crescendo.ShardMember
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        ShardMember.prototype.toJSON = function() {
            return ShardMember.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for ShardMember
         * @function getTypeUrl
         * @memberof crescendo.ShardMember
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        ShardMember.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.ShardMember";
        };

        return ShardMember;
    })();

    crescendo.LinksReady = (function() {

        /**
         * Properties of a LinksReady.
         * @typedef {Object} crescendo.LinksReady.$Properties
         * @property {number|null} [generation] LinksReady generation
         * @property {Array.<number>|null} [unreachableSlots] LinksReady unreachableSlots
         * @property {boolean|null} [relinked] LinksReady relinked
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a LinksReady.
         * @memberof crescendo
         * @interface ILinksReady
         * @augments crescendo.LinksReady.$Properties
         * @deprecated Use crescendo.LinksReady.$Properties instead.
         */

        /**
         * Shape of a LinksReady.
         * @typedef {crescendo.LinksReady.$Properties} crescendo.LinksReady.$Shape
         */

        /**
         * Constructs a new LinksReady.
         * @memberof crescendo
         * @classdesc Represents a LinksReady.
         * @constructor
         * @param {crescendo.LinksReady.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const LinksReady = function (properties) {
            this.unreachableSlots = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * LinksReady generation.
         * @member {number} generation
         * @memberof crescendo.LinksReady
         * @instance
         */
        LinksReady.prototype.generation = 0;

        /**
         * LinksReady unreachableSlots.
         * @member {Array.<number>} unreachableSlots
         * @memberof crescendo.LinksReady
         * @instance
         */
        LinksReady.prototype.unreachableSlots = $util.emptyArray;

        /**
         * LinksReady relinked.
         * @member {boolean} relinked
         * @memberof crescendo.LinksReady
         * @instance
         */
        LinksReady.prototype.relinked = false;

        /**
         * Encodes the specified LinksReady message. Does not implicitly {@link crescendo.LinksReady.verify|verify} messages.
         * @function encode
         * @memberof crescendo.LinksReady
         * @static
         * @param {crescendo.LinksReady.$Properties} message LinksReady message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        LinksReady.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.unreachableSlots != null && message.unreachableSlots.length)
                writer.uint32(/* id 2, wireType 2 =*/18).uint32s(message.unreachableSlots);
            if (message.relinked != null && $Object.hasOwnProperty.call(message, "relinked") && message.relinked !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.relinked);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a LinksReady message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.LinksReady
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.LinksReady & crescendo.LinksReady.$Shape} LinksReady
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        LinksReady.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.LinksReady();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType === 2) {
                            if (!(message.unreachableSlots && message.unreachableSlots.length))
                                message.unreachableSlots = [];
                            reader.uint32s(message.unreachableSlots);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.unreachableSlots && message.unreachableSlots.length))
                            message.unreachableSlots = [];
                        message.unreachableSlots.push(reader.uint32());
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.relinked = value;
                        else
                            delete message.relinked;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a LinksReady message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.LinksReady
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.LinksReady} LinksReady
         */
        LinksReady.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.LinksReady)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.LinksReady: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.LinksReady();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.unreachableSlots) {
                if (!$Array.isArray(object.unreachableSlots))
                    throw $TypeError(".crescendo.LinksReady.unreachableSlots: array expected");
                message.unreachableSlots = $Array(object.unreachableSlots.length);
                for (let i = 0; i < object.unreachableSlots.length; ++i)
                    message.unreachableSlots[i] = object.unreachableSlots[i] >>> 0;
            }
            if (object.relinked != null)
                if (object.relinked)
                    message.relinked = $Boolean(object.relinked);
            return message;
        };

        /**
         * Creates a plain object from a LinksReady message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.LinksReady
         * @static
         * @param {crescendo.LinksReady} message LinksReady
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        LinksReady.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.unreachableSlots = [];
            if (options.defaults) {
                object.generation = 0;
                object.relinked = false;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.unreachableSlots && message.unreachableSlots.length) {
                object.unreachableSlots = $Array(message.unreachableSlots.length);
                for (let j = 0; j < message.unreachableSlots.length; ++j)
                    object.unreachableSlots[j] = message.unreachableSlots[j];
            }
            if (message.relinked != null && $Object.hasOwnProperty.call(message, "relinked"))
                object.relinked = message.relinked;
            return object;
        };

        /**
         * Converts this LinksReady to JSON.
         * @function toJSON
         * @memberof crescendo.LinksReady
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        LinksReady.prototype.toJSON = function() {
            return LinksReady.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for LinksReady
         * @function getTypeUrl
         * @memberof crescendo.LinksReady
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        LinksReady.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.LinksReady";
        };

        return LinksReady;
    })();

    crescendo.Heartbeat = (function() {

        /**
         * Properties of a Heartbeat.
         * @typedef {Object} crescendo.Heartbeat.$Properties
         * @property {number|null} [generation] Heartbeat generation
         * @property {number|null} [tensorCount] Heartbeat tensorCount
         * @property {number|null} [tensorBytes] Heartbeat tensorBytes
         * @property {number|null} [allReduceBytesSent] Heartbeat allReduceBytesSent
         * @property {number|null} [step] Heartbeat step
         * @property {boolean|null} [computeDone] Heartbeat computeDone
         * @property {Array.<number>|null} [waitingForSlots] Heartbeat waitingForSlots
         * @property {number|null} [progress] Heartbeat progress
         * @property {number|null} [attempt] Heartbeat attempt
         * @property {Array.<number>|null} [unbegunMicroBatches] Heartbeat unbegunMicroBatches
         * @property {boolean|null} [awaitsInput] Heartbeat awaitsInput
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Heartbeat.
         * @memberof crescendo
         * @interface IHeartbeat
         * @augments crescendo.Heartbeat.$Properties
         * @deprecated Use crescendo.Heartbeat.$Properties instead.
         */

        /**
         * Shape of a Heartbeat.
         * @typedef {crescendo.Heartbeat.$Properties} crescendo.Heartbeat.$Shape
         */

        /**
         * Constructs a new Heartbeat.
         * @memberof crescendo
         * @classdesc Represents a Heartbeat.
         * @constructor
         * @param {crescendo.Heartbeat.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Heartbeat = function (properties) {
            this.waitingForSlots = [];
            this.unbegunMicroBatches = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Heartbeat generation.
         * @member {number} generation
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.generation = 0;

        /**
         * Heartbeat tensorCount.
         * @member {number} tensorCount
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.tensorCount = 0;

        /**
         * Heartbeat tensorBytes.
         * @member {number} tensorBytes
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.tensorBytes = 0;

        /**
         * Heartbeat allReduceBytesSent.
         * @member {number} allReduceBytesSent
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.allReduceBytesSent = 0;

        /**
         * Heartbeat step.
         * @member {number} step
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.step = 0;

        /**
         * Heartbeat computeDone.
         * @member {boolean} computeDone
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.computeDone = false;

        /**
         * Heartbeat waitingForSlots.
         * @member {Array.<number>} waitingForSlots
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.waitingForSlots = $util.emptyArray;

        /**
         * Heartbeat progress.
         * @member {number} progress
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.progress = 0;

        /**
         * Heartbeat attempt.
         * @member {number} attempt
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.attempt = 0;

        /**
         * Heartbeat unbegunMicroBatches.
         * @member {Array.<number>} unbegunMicroBatches
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.unbegunMicroBatches = $util.emptyArray;

        /**
         * Heartbeat awaitsInput.
         * @member {boolean} awaitsInput
         * @memberof crescendo.Heartbeat
         * @instance
         */
        Heartbeat.prototype.awaitsInput = false;

        /**
         * Encodes the specified Heartbeat message. Does not implicitly {@link crescendo.Heartbeat.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Heartbeat
         * @static
         * @param {crescendo.Heartbeat.$Properties} message Heartbeat message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Heartbeat.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.tensorCount != null && $Object.hasOwnProperty.call(message, "tensorCount") && message.tensorCount !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.tensorCount);
            if (message.tensorBytes != null && $Object.hasOwnProperty.call(message, "tensorBytes") && !$Object.is(message.tensorBytes, 0))
                writer.uint32(/* id 3, wireType 1 =*/25).double(message.tensorBytes);
            if (message.allReduceBytesSent != null && $Object.hasOwnProperty.call(message, "allReduceBytesSent") && !$Object.is(message.allReduceBytesSent, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.allReduceBytesSent);
            if (message.step != null && $Object.hasOwnProperty.call(message, "step") && message.step !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.step);
            if (message.computeDone != null && $Object.hasOwnProperty.call(message, "computeDone") && message.computeDone !== false)
                writer.uint32(/* id 6, wireType 0 =*/48).bool(message.computeDone);
            if (message.waitingForSlots != null && message.waitingForSlots.length)
                writer.uint32(/* id 7, wireType 2 =*/58).uint32s(message.waitingForSlots);
            if (message.progress != null && $Object.hasOwnProperty.call(message, "progress") && message.progress !== 0)
                writer.uint32(/* id 8, wireType 0 =*/64).uint32(message.progress);
            if (message.attempt != null && $Object.hasOwnProperty.call(message, "attempt") && message.attempt !== 0)
                writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.attempt);
            if (message.unbegunMicroBatches != null && message.unbegunMicroBatches.length)
                writer.uint32(/* id 10, wireType 2 =*/82).uint32s(message.unbegunMicroBatches);
            if (message.awaitsInput != null && $Object.hasOwnProperty.call(message, "awaitsInput") && message.awaitsInput !== false)
                writer.uint32(/* id 11, wireType 0 =*/88).bool(message.awaitsInput);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Heartbeat message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Heartbeat
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Heartbeat & crescendo.Heartbeat.$Shape} Heartbeat
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Heartbeat.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Heartbeat();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.tensorCount = value;
                        else
                            delete message.tensorCount;
                        continue;
                    }
                case 3: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.tensorBytes = value;
                        else
                            delete message.tensorBytes;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.allReduceBytesSent = value;
                        else
                            delete message.allReduceBytesSent;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.step = value;
                        else
                            delete message.step;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.computeDone = value;
                        else
                            delete message.computeDone;
                        continue;
                    }
                case 7: {
                        if (wireType === 2) {
                            if (!(message.waitingForSlots && message.waitingForSlots.length))
                                message.waitingForSlots = [];
                            reader.uint32s(message.waitingForSlots);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.waitingForSlots && message.waitingForSlots.length))
                            message.waitingForSlots = [];
                        message.waitingForSlots.push(reader.uint32());
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.progress = value;
                        else
                            delete message.progress;
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.attempt = value;
                        else
                            delete message.attempt;
                        continue;
                    }
                case 10: {
                        if (wireType === 2) {
                            if (!(message.unbegunMicroBatches && message.unbegunMicroBatches.length))
                                message.unbegunMicroBatches = [];
                            reader.uint32s(message.unbegunMicroBatches);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.unbegunMicroBatches && message.unbegunMicroBatches.length))
                            message.unbegunMicroBatches = [];
                        message.unbegunMicroBatches.push(reader.uint32());
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.awaitsInput = value;
                        else
                            delete message.awaitsInput;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Heartbeat message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Heartbeat
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Heartbeat} Heartbeat
         */
        Heartbeat.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Heartbeat)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Heartbeat: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Heartbeat();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.tensorCount != null)
                if ($Number(object.tensorCount) !== 0)
                    message.tensorCount = object.tensorCount >>> 0;
            if (object.tensorBytes != null)
                if (!$Object.is($Number(object.tensorBytes), 0))
                    message.tensorBytes = $Number(object.tensorBytes);
            if (object.allReduceBytesSent != null)
                if (!$Object.is($Number(object.allReduceBytesSent), 0))
                    message.allReduceBytesSent = $Number(object.allReduceBytesSent);
            if (object.step != null)
                if ($Number(object.step) !== 0)
                    message.step = object.step >>> 0;
            if (object.computeDone != null)
                if (object.computeDone)
                    message.computeDone = $Boolean(object.computeDone);
            if (object.waitingForSlots) {
                if (!$Array.isArray(object.waitingForSlots))
                    throw $TypeError(".crescendo.Heartbeat.waitingForSlots: array expected");
                message.waitingForSlots = $Array(object.waitingForSlots.length);
                for (let i = 0; i < object.waitingForSlots.length; ++i)
                    message.waitingForSlots[i] = object.waitingForSlots[i] >>> 0;
            }
            if (object.progress != null)
                if ($Number(object.progress) !== 0)
                    message.progress = object.progress >>> 0;
            if (object.attempt != null)
                if ($Number(object.attempt) !== 0)
                    message.attempt = object.attempt >>> 0;
            if (object.unbegunMicroBatches) {
                if (!$Array.isArray(object.unbegunMicroBatches))
                    throw $TypeError(".crescendo.Heartbeat.unbegunMicroBatches: array expected");
                message.unbegunMicroBatches = $Array(object.unbegunMicroBatches.length);
                for (let i = 0; i < object.unbegunMicroBatches.length; ++i)
                    message.unbegunMicroBatches[i] = object.unbegunMicroBatches[i] >>> 0;
            }
            if (object.awaitsInput != null)
                if (object.awaitsInput)
                    message.awaitsInput = $Boolean(object.awaitsInput);
            return message;
        };

        /**
         * Creates a plain object from a Heartbeat message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Heartbeat
         * @static
         * @param {crescendo.Heartbeat} message Heartbeat
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Heartbeat.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults) {
                object.waitingForSlots = [];
                object.unbegunMicroBatches = [];
            }
            if (options.defaults) {
                object.generation = 0;
                object.tensorCount = 0;
                object.tensorBytes = 0;
                object.allReduceBytesSent = 0;
                object.step = 0;
                object.computeDone = false;
                object.progress = 0;
                object.attempt = 0;
                object.awaitsInput = false;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.tensorCount != null && $Object.hasOwnProperty.call(message, "tensorCount"))
                object.tensorCount = message.tensorCount;
            if (message.tensorBytes != null && $Object.hasOwnProperty.call(message, "tensorBytes"))
                object.tensorBytes = options.json && !$isFinite(message.tensorBytes) ? $String(message.tensorBytes) : message.tensorBytes;
            if (message.allReduceBytesSent != null && $Object.hasOwnProperty.call(message, "allReduceBytesSent"))
                object.allReduceBytesSent = options.json && !$isFinite(message.allReduceBytesSent) ? $String(message.allReduceBytesSent) : message.allReduceBytesSent;
            if (message.step != null && $Object.hasOwnProperty.call(message, "step"))
                object.step = message.step;
            if (message.computeDone != null && $Object.hasOwnProperty.call(message, "computeDone"))
                object.computeDone = message.computeDone;
            if (message.waitingForSlots && message.waitingForSlots.length) {
                object.waitingForSlots = $Array(message.waitingForSlots.length);
                for (let j = 0; j < message.waitingForSlots.length; ++j)
                    object.waitingForSlots[j] = message.waitingForSlots[j];
            }
            if (message.progress != null && $Object.hasOwnProperty.call(message, "progress"))
                object.progress = message.progress;
            if (message.attempt != null && $Object.hasOwnProperty.call(message, "attempt"))
                object.attempt = message.attempt;
            if (message.unbegunMicroBatches && message.unbegunMicroBatches.length) {
                object.unbegunMicroBatches = $Array(message.unbegunMicroBatches.length);
                for (let j = 0; j < message.unbegunMicroBatches.length; ++j)
                    object.unbegunMicroBatches[j] = message.unbegunMicroBatches[j];
            }
            if (message.awaitsInput != null && $Object.hasOwnProperty.call(message, "awaitsInput"))
                object.awaitsInput = message.awaitsInput;
            return object;
        };

        /**
         * Converts this Heartbeat to JSON.
         * @function toJSON
         * @memberof crescendo.Heartbeat
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Heartbeat.prototype.toJSON = function() {
            return Heartbeat.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Heartbeat
         * @function getTypeUrl
         * @memberof crescendo.Heartbeat
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Heartbeat.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Heartbeat";
        };

        return Heartbeat;
    })();

    crescendo.HeartbeatSeen = (function() {

        /**
         * Properties of a HeartbeatSeen.
         * @typedef {Object} crescendo.HeartbeatSeen.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a HeartbeatSeen.
         * @memberof crescendo
         * @interface IHeartbeatSeen
         * @augments crescendo.HeartbeatSeen.$Properties
         * @deprecated Use crescendo.HeartbeatSeen.$Properties instead.
         */

        /**
         * Shape of a HeartbeatSeen.
         * @typedef {crescendo.HeartbeatSeen.$Properties} crescendo.HeartbeatSeen.$Shape
         */

        /**
         * Constructs a new HeartbeatSeen.
         * @memberof crescendo
         * @classdesc Represents a HeartbeatSeen.
         * @constructor
         * @param {crescendo.HeartbeatSeen.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const HeartbeatSeen = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified HeartbeatSeen message. Does not implicitly {@link crescendo.HeartbeatSeen.verify|verify} messages.
         * @function encode
         * @memberof crescendo.HeartbeatSeen
         * @static
         * @param {crescendo.HeartbeatSeen.$Properties} message HeartbeatSeen message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        HeartbeatSeen.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a HeartbeatSeen message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.HeartbeatSeen
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.HeartbeatSeen & crescendo.HeartbeatSeen.$Shape} HeartbeatSeen
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        HeartbeatSeen.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.HeartbeatSeen();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a HeartbeatSeen message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.HeartbeatSeen
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.HeartbeatSeen} HeartbeatSeen
         */
        HeartbeatSeen.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.HeartbeatSeen)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.HeartbeatSeen: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            return new $root.crescendo.HeartbeatSeen();
        };

        /**
         * Creates a plain object from a HeartbeatSeen message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.HeartbeatSeen
         * @static
         * @param {crescendo.HeartbeatSeen} message HeartbeatSeen
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        HeartbeatSeen.toObject = function () {
            return {};
        };

        /**
         * Converts this HeartbeatSeen to JSON.
         * @function toJSON
         * @memberof crescendo.HeartbeatSeen
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        HeartbeatSeen.prototype.toJSON = function() {
            return HeartbeatSeen.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for HeartbeatSeen
         * @function getTypeUrl
         * @memberof crescendo.HeartbeatSeen
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        HeartbeatSeen.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.HeartbeatSeen";
        };

        return HeartbeatSeen;
    })();

    crescendo.Lease = (function() {

        /**
         * Properties of a Lease.
         * @typedef {Object} crescendo.Lease.$Properties
         * @property {number|null} [slot] Lease slot
         * @property {Array.<number>|null} [microBatches] Lease microBatches
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Lease.
         * @memberof crescendo
         * @interface ILease
         * @augments crescendo.Lease.$Properties
         * @deprecated Use crescendo.Lease.$Properties instead.
         */

        /**
         * Shape of a Lease.
         * @typedef {crescendo.Lease.$Properties} crescendo.Lease.$Shape
         */

        /**
         * Constructs a new Lease.
         * @memberof crescendo
         * @classdesc Represents a Lease.
         * @constructor
         * @param {crescendo.Lease.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Lease = function (properties) {
            this.microBatches = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Lease slot.
         * @member {number} slot
         * @memberof crescendo.Lease
         * @instance
         */
        Lease.prototype.slot = 0;

        /**
         * Lease microBatches.
         * @member {Array.<number>} microBatches
         * @memberof crescendo.Lease
         * @instance
         */
        Lease.prototype.microBatches = $util.emptyArray;

        /**
         * Encodes the specified Lease message. Does not implicitly {@link crescendo.Lease.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Lease
         * @static
         * @param {crescendo.Lease.$Properties} message Lease message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Lease.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.microBatches != null && message.microBatches.length)
                writer.uint32(/* id 2, wireType 2 =*/18).uint32s(message.microBatches);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Lease message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Lease
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Lease & crescendo.Lease.$Shape} Lease
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Lease.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Lease();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType === 2) {
                            if (!(message.microBatches && message.microBatches.length))
                                message.microBatches = [];
                            reader.uint32s(message.microBatches);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.microBatches && message.microBatches.length))
                            message.microBatches = [];
                        message.microBatches.push(reader.uint32());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Lease message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Lease
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Lease} Lease
         */
        Lease.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Lease)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Lease: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Lease();
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            if (object.microBatches) {
                if (!$Array.isArray(object.microBatches))
                    throw $TypeError(".crescendo.Lease.microBatches: array expected");
                message.microBatches = $Array(object.microBatches.length);
                for (let i = 0; i < object.microBatches.length; ++i)
                    message.microBatches[i] = object.microBatches[i] >>> 0;
            }
            return message;
        };

        /**
         * Creates a plain object from a Lease message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Lease
         * @static
         * @param {crescendo.Lease} message Lease
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Lease.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.microBatches = [];
            if (options.defaults)
                object.slot = 0;
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            if (message.microBatches && message.microBatches.length) {
                object.microBatches = $Array(message.microBatches.length);
                for (let j = 0; j < message.microBatches.length; ++j)
                    object.microBatches[j] = message.microBatches[j];
            }
            return object;
        };

        /**
         * Converts this Lease to JSON.
         * @function toJSON
         * @memberof crescendo.Lease
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Lease.prototype.toJSON = function() {
            return Lease.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Lease
         * @function getTypeUrl
         * @memberof crescendo.Lease
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Lease.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Lease";
        };

        return Lease;
    })();

    crescendo.RelayedPair = (function() {

        /**
         * Properties of a RelayedPair.
         * @typedef {Object} crescendo.RelayedPair.$Properties
         * @property {number|null} [sourceSlot] RelayedPair sourceSlot
         * @property {number|null} [targetSlot] RelayedPair targetSlot
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RelayedPair.
         * @memberof crescendo
         * @interface IRelayedPair
         * @augments crescendo.RelayedPair.$Properties
         * @deprecated Use crescendo.RelayedPair.$Properties instead.
         */

        /**
         * Shape of a RelayedPair.
         * @typedef {crescendo.RelayedPair.$Properties} crescendo.RelayedPair.$Shape
         */

        /**
         * Constructs a new RelayedPair.
         * @memberof crescendo
         * @classdesc Represents a RelayedPair.
         * @constructor
         * @param {crescendo.RelayedPair.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RelayedPair = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RelayedPair sourceSlot.
         * @member {number} sourceSlot
         * @memberof crescendo.RelayedPair
         * @instance
         */
        RelayedPair.prototype.sourceSlot = 0;

        /**
         * RelayedPair targetSlot.
         * @member {number} targetSlot
         * @memberof crescendo.RelayedPair
         * @instance
         */
        RelayedPair.prototype.targetSlot = 0;

        /**
         * Encodes the specified RelayedPair message. Does not implicitly {@link crescendo.RelayedPair.verify|verify} messages.
         * @function encode
         * @memberof crescendo.RelayedPair
         * @static
         * @param {crescendo.RelayedPair.$Properties} message RelayedPair message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RelayedPair.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.sourceSlot != null && $Object.hasOwnProperty.call(message, "sourceSlot") && message.sourceSlot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.sourceSlot);
            if (message.targetSlot != null && $Object.hasOwnProperty.call(message, "targetSlot") && message.targetSlot !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.targetSlot);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RelayedPair message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.RelayedPair
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.RelayedPair & crescendo.RelayedPair.$Shape} RelayedPair
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RelayedPair.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.RelayedPair();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.sourceSlot = value;
                        else
                            delete message.sourceSlot;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.targetSlot = value;
                        else
                            delete message.targetSlot;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a RelayedPair message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.RelayedPair
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.RelayedPair} RelayedPair
         */
        RelayedPair.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.RelayedPair)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.RelayedPair: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.RelayedPair();
            if (object.sourceSlot != null)
                if ($Number(object.sourceSlot) !== 0)
                    message.sourceSlot = object.sourceSlot >>> 0;
            if (object.targetSlot != null)
                if ($Number(object.targetSlot) !== 0)
                    message.targetSlot = object.targetSlot >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a RelayedPair message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.RelayedPair
         * @static
         * @param {crescendo.RelayedPair} message RelayedPair
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        RelayedPair.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.sourceSlot = 0;
                object.targetSlot = 0;
            }
            if (message.sourceSlot != null && $Object.hasOwnProperty.call(message, "sourceSlot"))
                object.sourceSlot = message.sourceSlot;
            if (message.targetSlot != null && $Object.hasOwnProperty.call(message, "targetSlot"))
                object.targetSlot = message.targetSlot;
            return object;
        };

        /**
         * Converts this RelayedPair to JSON.
         * @function toJSON
         * @memberof crescendo.RelayedPair
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        RelayedPair.prototype.toJSON = function() {
            return RelayedPair.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for RelayedPair
         * @function getTypeUrl
         * @memberof crescendo.RelayedPair
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        RelayedPair.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.RelayedPair";
        };

        return RelayedPair;
    })();

    crescendo.PhaseSettings = (function() {

        /**
         * Properties of a PhaseSettings.
         * @typedef {Object} crescendo.PhaseSettings.$Properties
         * @property {number|null} [index] PhaseSettings index
         * @property {number|null} [imageSizePx] PhaseSettings imageSizePx
         * @property {number|null} [dropoutRate] PhaseSettings dropoutRate
         * @property {number|null} [randAugmentMagnitude] PhaseSettings randAugmentMagnitude
         * @property {number|null} [mixupAlpha] PhaseSettings mixupAlpha
         * @property {number|null} [cutmixAlpha] PhaseSettings cutmixAlpha
         * @property {number|null} [erasingRate] PhaseSettings erasingRate
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a PhaseSettings.
         * @memberof crescendo
         * @interface IPhaseSettings
         * @augments crescendo.PhaseSettings.$Properties
         * @deprecated Use crescendo.PhaseSettings.$Properties instead.
         */

        /**
         * Shape of a PhaseSettings.
         * @typedef {crescendo.PhaseSettings.$Properties} crescendo.PhaseSettings.$Shape
         */

        /**
         * Constructs a new PhaseSettings.
         * @memberof crescendo
         * @classdesc Represents a PhaseSettings.
         * @constructor
         * @param {crescendo.PhaseSettings.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const PhaseSettings = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * PhaseSettings index.
         * @member {number} index
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.index = 0;

        /**
         * PhaseSettings imageSizePx.
         * @member {number} imageSizePx
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.imageSizePx = 0;

        /**
         * PhaseSettings dropoutRate.
         * @member {number} dropoutRate
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.dropoutRate = 0;

        /**
         * PhaseSettings randAugmentMagnitude.
         * @member {number} randAugmentMagnitude
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.randAugmentMagnitude = 0;

        /**
         * PhaseSettings mixupAlpha.
         * @member {number} mixupAlpha
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.mixupAlpha = 0;

        /**
         * PhaseSettings cutmixAlpha.
         * @member {number} cutmixAlpha
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.cutmixAlpha = 0;

        /**
         * PhaseSettings erasingRate.
         * @member {number} erasingRate
         * @memberof crescendo.PhaseSettings
         * @instance
         */
        PhaseSettings.prototype.erasingRate = 0;

        /**
         * Encodes the specified PhaseSettings message. Does not implicitly {@link crescendo.PhaseSettings.verify|verify} messages.
         * @function encode
         * @memberof crescendo.PhaseSettings
         * @static
         * @param {crescendo.PhaseSettings.$Properties} message PhaseSettings message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        PhaseSettings.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.index);
            if (message.imageSizePx != null && $Object.hasOwnProperty.call(message, "imageSizePx") && message.imageSizePx !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.imageSizePx);
            if (message.dropoutRate != null && $Object.hasOwnProperty.call(message, "dropoutRate") && !$Object.is(message.dropoutRate, 0))
                writer.uint32(/* id 3, wireType 1 =*/25).double(message.dropoutRate);
            if (message.randAugmentMagnitude != null && $Object.hasOwnProperty.call(message, "randAugmentMagnitude") && !$Object.is(message.randAugmentMagnitude, 0))
                writer.uint32(/* id 4, wireType 1 =*/33).double(message.randAugmentMagnitude);
            if (message.mixupAlpha != null && $Object.hasOwnProperty.call(message, "mixupAlpha") && !$Object.is(message.mixupAlpha, 0))
                writer.uint32(/* id 5, wireType 1 =*/41).double(message.mixupAlpha);
            if (message.cutmixAlpha != null && $Object.hasOwnProperty.call(message, "cutmixAlpha") && !$Object.is(message.cutmixAlpha, 0))
                writer.uint32(/* id 6, wireType 1 =*/49).double(message.cutmixAlpha);
            if (message.erasingRate != null && $Object.hasOwnProperty.call(message, "erasingRate") && !$Object.is(message.erasingRate, 0))
                writer.uint32(/* id 7, wireType 1 =*/57).double(message.erasingRate);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a PhaseSettings message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.PhaseSettings
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.PhaseSettings & crescendo.PhaseSettings.$Shape} PhaseSettings
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        PhaseSettings.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.PhaseSettings();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.imageSizePx = value;
                        else
                            delete message.imageSizePx;
                        continue;
                    }
                case 3: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.dropoutRate = value;
                        else
                            delete message.dropoutRate;
                        continue;
                    }
                case 4: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.randAugmentMagnitude = value;
                        else
                            delete message.randAugmentMagnitude;
                        continue;
                    }
                case 5: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.mixupAlpha = value;
                        else
                            delete message.mixupAlpha;
                        continue;
                    }
                case 6: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.cutmixAlpha = value;
                        else
                            delete message.cutmixAlpha;
                        continue;
                    }
                case 7: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.erasingRate = value;
                        else
                            delete message.erasingRate;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a PhaseSettings message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.PhaseSettings
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.PhaseSettings} PhaseSettings
         */
        PhaseSettings.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.PhaseSettings)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.PhaseSettings: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.PhaseSettings();
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.imageSizePx != null)
                if ($Number(object.imageSizePx) !== 0)
                    message.imageSizePx = object.imageSizePx >>> 0;
            if (object.dropoutRate != null)
                if (!$Object.is($Number(object.dropoutRate), 0))
                    message.dropoutRate = $Number(object.dropoutRate);
            if (object.randAugmentMagnitude != null)
                if (!$Object.is($Number(object.randAugmentMagnitude), 0))
                    message.randAugmentMagnitude = $Number(object.randAugmentMagnitude);
            if (object.mixupAlpha != null)
                if (!$Object.is($Number(object.mixupAlpha), 0))
                    message.mixupAlpha = $Number(object.mixupAlpha);
            if (object.cutmixAlpha != null)
                if (!$Object.is($Number(object.cutmixAlpha), 0))
                    message.cutmixAlpha = $Number(object.cutmixAlpha);
            if (object.erasingRate != null)
                if (!$Object.is($Number(object.erasingRate), 0))
                    message.erasingRate = $Number(object.erasingRate);
            return message;
        };

        /**
         * Creates a plain object from a PhaseSettings message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.PhaseSettings
         * @static
         * @param {crescendo.PhaseSettings} message PhaseSettings
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        PhaseSettings.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.index = 0;
                object.imageSizePx = 0;
                object.dropoutRate = 0;
                object.randAugmentMagnitude = 0;
                object.mixupAlpha = 0;
                object.cutmixAlpha = 0;
                object.erasingRate = 0;
            }
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.imageSizePx != null && $Object.hasOwnProperty.call(message, "imageSizePx"))
                object.imageSizePx = message.imageSizePx;
            if (message.dropoutRate != null && $Object.hasOwnProperty.call(message, "dropoutRate"))
                object.dropoutRate = options.json && !$isFinite(message.dropoutRate) ? $String(message.dropoutRate) : message.dropoutRate;
            if (message.randAugmentMagnitude != null && $Object.hasOwnProperty.call(message, "randAugmentMagnitude"))
                object.randAugmentMagnitude = options.json && !$isFinite(message.randAugmentMagnitude) ? $String(message.randAugmentMagnitude) : message.randAugmentMagnitude;
            if (message.mixupAlpha != null && $Object.hasOwnProperty.call(message, "mixupAlpha"))
                object.mixupAlpha = options.json && !$isFinite(message.mixupAlpha) ? $String(message.mixupAlpha) : message.mixupAlpha;
            if (message.cutmixAlpha != null && $Object.hasOwnProperty.call(message, "cutmixAlpha"))
                object.cutmixAlpha = options.json && !$isFinite(message.cutmixAlpha) ? $String(message.cutmixAlpha) : message.cutmixAlpha;
            if (message.erasingRate != null && $Object.hasOwnProperty.call(message, "erasingRate"))
                object.erasingRate = options.json && !$isFinite(message.erasingRate) ? $String(message.erasingRate) : message.erasingRate;
            return object;
        };

        /**
         * Converts this PhaseSettings to JSON.
         * @function toJSON
         * @memberof crescendo.PhaseSettings
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        PhaseSettings.prototype.toJSON = function() {
            return PhaseSettings.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for PhaseSettings
         * @function getTypeUrl
         * @memberof crescendo.PhaseSettings
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        PhaseSettings.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.PhaseSettings";
        };

        return PhaseSettings;
    })();

    crescendo.StepOrder = (function() {

        /**
         * Properties of a StepOrder.
         * @typedef {Object} crescendo.StepOrder.$Properties
         * @property {number|null} [generation] StepOrder generation
         * @property {number|null} [step] StepOrder step
         * @property {number|null} [attempt] StepOrder attempt
         * @property {Array.<crescendo.Lease.$Properties>|null} [leases] StepOrder leases
         * @property {number|null} [learningRate] StepOrder learningRate
         * @property {Array.<crescendo.RelayedPair.$Properties>|null} [relayedPairs] StepOrder relayedPairs
         * @property {Array.<number>|null} [innerLearningRates] StepOrder innerLearningRates
         * @property {string|null} [compression] StepOrder compression
         * @property {number|null} [sampleCount] StepOrder sampleCount
         * @property {crescendo.PhaseSettings.$Properties|null} [phase] StepOrder phase
         * @property {Array.<crescendo.Lease.$Properties>|null} [audits] StepOrder audits
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StepOrder.
         * @memberof crescendo
         * @interface IStepOrder
         * @augments crescendo.StepOrder.$Properties
         * @deprecated Use crescendo.StepOrder.$Properties instead.
         */

        /**
         * Shape of a StepOrder.
         * @typedef {crescendo.StepOrder.$Properties} crescendo.StepOrder.$Shape
         */

        /**
         * Constructs a new StepOrder.
         * @memberof crescendo
         * @classdesc Represents a StepOrder.
         * @constructor
         * @param {crescendo.StepOrder.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StepOrder = function (properties) {
            this.leases = [];
            this.relayedPairs = [];
            this.innerLearningRates = [];
            this.audits = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StepOrder generation.
         * @member {number} generation
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.generation = 0;

        /**
         * StepOrder step.
         * @member {number} step
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.step = 0;

        /**
         * StepOrder attempt.
         * @member {number} attempt
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.attempt = 0;

        /**
         * StepOrder leases.
         * @member {Array.<crescendo.Lease.$Properties>} leases
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.leases = $util.emptyArray;

        /**
         * StepOrder learningRate.
         * @member {number} learningRate
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.learningRate = 0;

        /**
         * StepOrder relayedPairs.
         * @member {Array.<crescendo.RelayedPair.$Properties>} relayedPairs
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.relayedPairs = $util.emptyArray;

        /**
         * StepOrder innerLearningRates.
         * @member {Array.<number>} innerLearningRates
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.innerLearningRates = $util.emptyArray;

        /**
         * StepOrder compression.
         * @member {string} compression
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.compression = "";

        /**
         * StepOrder sampleCount.
         * @member {number} sampleCount
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.sampleCount = 0;

        /**
         * StepOrder phase.
         * @member {crescendo.PhaseSettings.$Properties|null|undefined} phase
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.phase = null;

        /**
         * StepOrder audits.
         * @member {Array.<crescendo.Lease.$Properties>} audits
         * @memberof crescendo.StepOrder
         * @instance
         */
        StepOrder.prototype.audits = $util.emptyArray;

        /**
         * Encodes the specified StepOrder message. Does not implicitly {@link crescendo.StepOrder.verify|verify} messages.
         * @function encode
         * @memberof crescendo.StepOrder
         * @static
         * @param {crescendo.StepOrder.$Properties} message StepOrder message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StepOrder.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.step != null && $Object.hasOwnProperty.call(message, "step") && message.step !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.step);
            if (message.attempt != null && $Object.hasOwnProperty.call(message, "attempt") && message.attempt !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.attempt);
            if (message.leases != null && message.leases.length)
                for (let i = 0; i < message.leases.length; ++i)
                    $root.crescendo.Lease.encode(message.leases[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.learningRate != null && $Object.hasOwnProperty.call(message, "learningRate") && !$Object.is(message.learningRate, 0))
                writer.uint32(/* id 10, wireType 1 =*/81).double(message.learningRate);
            if (message.relayedPairs != null && message.relayedPairs.length)
                for (let i = 0; i < message.relayedPairs.length; ++i)
                    $root.crescendo.RelayedPair.encode(message.relayedPairs[i], writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.innerLearningRates != null && message.innerLearningRates.length)
                writer.uint32(/* id 13, wireType 2 =*/106).doubles(message.innerLearningRates);
            if (message.compression != null && $Object.hasOwnProperty.call(message, "compression") && message.compression !== "")
                writer.uint32(/* id 14, wireType 2 =*/114).string(message.compression);
            if (message.sampleCount != null && $Object.hasOwnProperty.call(message, "sampleCount") && message.sampleCount !== 0)
                writer.uint32(/* id 15, wireType 0 =*/120).uint32(message.sampleCount);
            if (message.phase != null && $Object.hasOwnProperty.call(message, "phase"))
                $root.crescendo.PhaseSettings.encode(message.phase, writer.uint32(/* id 16, wireType 2 =*/130).fork(), _depth + 1).ldelim();
            if (message.audits != null && message.audits.length)
                for (let i = 0; i < message.audits.length; ++i)
                    $root.crescendo.Lease.encode(message.audits[i], writer.uint32(/* id 17, wireType 2 =*/138).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StepOrder message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.StepOrder
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.StepOrder & crescendo.StepOrder.$Shape} StepOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StepOrder.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.StepOrder();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.step = value;
                        else
                            delete message.step;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.attempt = value;
                        else
                            delete message.attempt;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.leases && message.leases.length))
                            message.leases = [];
                        message.leases.push($root.crescendo.Lease.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 10: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.learningRate = value;
                        else
                            delete message.learningRate;
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if (!(message.relayedPairs && message.relayedPairs.length))
                            message.relayedPairs = [];
                        message.relayedPairs.push($root.crescendo.RelayedPair.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 13: {
                        if (wireType === 2) {
                            if (!(message.innerLearningRates && message.innerLearningRates.length))
                                message.innerLearningRates = [];
                            reader.doubles(message.innerLearningRates);
                            continue;
                        }
                        if (wireType !== 1)
                            break;
                        if (!(message.innerLearningRates && message.innerLearningRates.length))
                            message.innerLearningRates = [];
                        message.innerLearningRates.push(reader.double());
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.compression = value;
                        else
                            delete message.compression;
                        continue;
                    }
                case 15: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.sampleCount = value;
                        else
                            delete message.sampleCount;
                        continue;
                    }
                case 16: {
                        if (wireType !== 2)
                            break;
                        message.phase = $root.crescendo.PhaseSettings.decode(reader, reader.size(), $undefined, _depth + 1, message.phase);
                        continue;
                    }
                case 17: {
                        if (wireType !== 2)
                            break;
                        if (!(message.audits && message.audits.length))
                            message.audits = [];
                        message.audits.push($root.crescendo.Lease.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a StepOrder message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.StepOrder
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.StepOrder} StepOrder
         */
        StepOrder.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.StepOrder)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.StepOrder: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.StepOrder();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.step != null)
                if ($Number(object.step) !== 0)
                    message.step = object.step >>> 0;
            if (object.attempt != null)
                if ($Number(object.attempt) !== 0)
                    message.attempt = object.attempt >>> 0;
            if (object.leases) {
                if (!$Array.isArray(object.leases))
                    throw $TypeError(".crescendo.StepOrder.leases: array expected");
                message.leases = $Array(object.leases.length);
                for (let i = 0; i < object.leases.length; ++i) {
                    if (!$util.isObject(object.leases[i]))
                        throw $TypeError(".crescendo.StepOrder.leases: object expected");
                    message.leases[i] = $root.crescendo.Lease.fromObject(object.leases[i], _depth + 1);
                }
            }
            if (object.learningRate != null)
                if (!$Object.is($Number(object.learningRate), 0))
                    message.learningRate = $Number(object.learningRate);
            if (object.relayedPairs) {
                if (!$Array.isArray(object.relayedPairs))
                    throw $TypeError(".crescendo.StepOrder.relayedPairs: array expected");
                message.relayedPairs = $Array(object.relayedPairs.length);
                for (let i = 0; i < object.relayedPairs.length; ++i) {
                    if (!$util.isObject(object.relayedPairs[i]))
                        throw $TypeError(".crescendo.StepOrder.relayedPairs: object expected");
                    message.relayedPairs[i] = $root.crescendo.RelayedPair.fromObject(object.relayedPairs[i], _depth + 1);
                }
            }
            if (object.innerLearningRates) {
                if (!$Array.isArray(object.innerLearningRates))
                    throw $TypeError(".crescendo.StepOrder.innerLearningRates: array expected");
                message.innerLearningRates = $Array(object.innerLearningRates.length);
                for (let i = 0; i < object.innerLearningRates.length; ++i)
                    message.innerLearningRates[i] = $Number(object.innerLearningRates[i]);
            }
            if (object.compression != null)
                if (typeof object.compression !== "string" || object.compression.length)
                    message.compression = $String(object.compression);
            if (object.sampleCount != null)
                if ($Number(object.sampleCount) !== 0)
                    message.sampleCount = object.sampleCount >>> 0;
            if (object.phase != null) {
                if (!$util.isObject(object.phase))
                    throw $TypeError(".crescendo.StepOrder.phase: object expected");
                message.phase = $root.crescendo.PhaseSettings.fromObject(object.phase, _depth + 1);
            }
            if (object.audits) {
                if (!$Array.isArray(object.audits))
                    throw $TypeError(".crescendo.StepOrder.audits: array expected");
                message.audits = $Array(object.audits.length);
                for (let i = 0; i < object.audits.length; ++i) {
                    if (!$util.isObject(object.audits[i]))
                        throw $TypeError(".crescendo.StepOrder.audits: object expected");
                    message.audits[i] = $root.crescendo.Lease.fromObject(object.audits[i], _depth + 1);
                }
            }
            return message;
        };

        /**
         * Creates a plain object from a StepOrder message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.StepOrder
         * @static
         * @param {crescendo.StepOrder} message StepOrder
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        StepOrder.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults) {
                object.leases = [];
                object.relayedPairs = [];
                object.innerLearningRates = [];
                object.audits = [];
            }
            if (options.defaults) {
                object.generation = 0;
                object.step = 0;
                object.attempt = 0;
                object.learningRate = 0;
                object.compression = "";
                object.sampleCount = 0;
                object.phase = null;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.step != null && $Object.hasOwnProperty.call(message, "step"))
                object.step = message.step;
            if (message.attempt != null && $Object.hasOwnProperty.call(message, "attempt"))
                object.attempt = message.attempt;
            if (message.leases && message.leases.length) {
                object.leases = $Array(message.leases.length);
                for (let j = 0; j < message.leases.length; ++j)
                    object.leases[j] = $root.crescendo.Lease.toObject(message.leases[j], options, _depth + 1);
            }
            if (message.learningRate != null && $Object.hasOwnProperty.call(message, "learningRate"))
                object.learningRate = options.json && !$isFinite(message.learningRate) ? $String(message.learningRate) : message.learningRate;
            if (message.relayedPairs && message.relayedPairs.length) {
                object.relayedPairs = $Array(message.relayedPairs.length);
                for (let j = 0; j < message.relayedPairs.length; ++j)
                    object.relayedPairs[j] = $root.crescendo.RelayedPair.toObject(message.relayedPairs[j], options, _depth + 1);
            }
            if (message.innerLearningRates && message.innerLearningRates.length) {
                object.innerLearningRates = $Array(message.innerLearningRates.length);
                for (let j = 0; j < message.innerLearningRates.length; ++j)
                    object.innerLearningRates[j] = options.json && !$isFinite(message.innerLearningRates[j]) ? $String(message.innerLearningRates[j]) : message.innerLearningRates[j];
            }
            if (message.compression != null && $Object.hasOwnProperty.call(message, "compression"))
                object.compression = message.compression;
            if (message.sampleCount != null && $Object.hasOwnProperty.call(message, "sampleCount"))
                object.sampleCount = message.sampleCount;
            if (message.phase != null && $Object.hasOwnProperty.call(message, "phase"))
                object.phase = $root.crescendo.PhaseSettings.toObject(message.phase, options, _depth + 1);
            if (message.audits && message.audits.length) {
                object.audits = $Array(message.audits.length);
                for (let j = 0; j < message.audits.length; ++j)
                    object.audits[j] = $root.crescendo.Lease.toObject(message.audits[j], options, _depth + 1);
            }
            return object;
        };

        /**
         * Converts this StepOrder to JSON.
         * @function toJSON
         * @memberof crescendo.StepOrder
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        StepOrder.prototype.toJSON = function() {
            return StepOrder.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for StepOrder
         * @function getTypeUrl
         * @memberof crescendo.StepOrder
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        StepOrder.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.StepOrder";
        };

        return StepOrder;
    })();

    crescendo.GradientChecksum = (function() {

        /**
         * Properties of a GradientChecksum.
         * @typedef {Object} crescendo.GradientChecksum.$Properties
         * @property {number|null} [microBatch] GradientChecksum microBatch
         * @property {number|null} [checksum] GradientChecksum checksum
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a GradientChecksum.
         * @memberof crescendo
         * @interface IGradientChecksum
         * @augments crescendo.GradientChecksum.$Properties
         * @deprecated Use crescendo.GradientChecksum.$Properties instead.
         */

        /**
         * Shape of a GradientChecksum.
         * @typedef {crescendo.GradientChecksum.$Properties} crescendo.GradientChecksum.$Shape
         */

        /**
         * Constructs a new GradientChecksum.
         * @memberof crescendo
         * @classdesc Represents a GradientChecksum.
         * @constructor
         * @param {crescendo.GradientChecksum.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const GradientChecksum = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * GradientChecksum microBatch.
         * @member {number} microBatch
         * @memberof crescendo.GradientChecksum
         * @instance
         */
        GradientChecksum.prototype.microBatch = 0;

        /**
         * GradientChecksum checksum.
         * @member {number} checksum
         * @memberof crescendo.GradientChecksum
         * @instance
         */
        GradientChecksum.prototype.checksum = 0;

        /**
         * Encodes the specified GradientChecksum message. Does not implicitly {@link crescendo.GradientChecksum.verify|verify} messages.
         * @function encode
         * @memberof crescendo.GradientChecksum
         * @static
         * @param {crescendo.GradientChecksum.$Properties} message GradientChecksum message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        GradientChecksum.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.microBatch != null && $Object.hasOwnProperty.call(message, "microBatch") && message.microBatch !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.microBatch);
            if (message.checksum != null && $Object.hasOwnProperty.call(message, "checksum") && message.checksum !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.checksum);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a GradientChecksum message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.GradientChecksum
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.GradientChecksum & crescendo.GradientChecksum.$Shape} GradientChecksum
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        GradientChecksum.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.GradientChecksum();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.microBatch = value;
                        else
                            delete message.microBatch;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.checksum = value;
                        else
                            delete message.checksum;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a GradientChecksum message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.GradientChecksum
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.GradientChecksum} GradientChecksum
         */
        GradientChecksum.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.GradientChecksum)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.GradientChecksum: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.GradientChecksum();
            if (object.microBatch != null)
                if ($Number(object.microBatch) !== 0)
                    message.microBatch = object.microBatch >>> 0;
            if (object.checksum != null)
                if ($Number(object.checksum) !== 0)
                    message.checksum = object.checksum >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a GradientChecksum message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.GradientChecksum
         * @static
         * @param {crescendo.GradientChecksum} message GradientChecksum
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        GradientChecksum.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.microBatch = 0;
                object.checksum = 0;
            }
            if (message.microBatch != null && $Object.hasOwnProperty.call(message, "microBatch"))
                object.microBatch = message.microBatch;
            if (message.checksum != null && $Object.hasOwnProperty.call(message, "checksum"))
                object.checksum = message.checksum;
            return object;
        };

        /**
         * Converts this GradientChecksum to JSON.
         * @function toJSON
         * @memberof crescendo.GradientChecksum
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        GradientChecksum.prototype.toJSON = function() {
            return GradientChecksum.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for GradientChecksum
         * @function getTypeUrl
         * @memberof crescendo.GradientChecksum
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        GradientChecksum.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.GradientChecksum";
        };

        return GradientChecksum;
    })();

    crescendo.NonfiniteMicroBatch = (function() {

        /**
         * Properties of a NonfiniteMicroBatch.
         * @typedef {Object} crescendo.NonfiniteMicroBatch.$Properties
         * @property {number|null} [step] NonfiniteMicroBatch step
         * @property {number|null} [microBatch] NonfiniteMicroBatch microBatch
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a NonfiniteMicroBatch.
         * @memberof crescendo
         * @interface INonfiniteMicroBatch
         * @augments crescendo.NonfiniteMicroBatch.$Properties
         * @deprecated Use crescendo.NonfiniteMicroBatch.$Properties instead.
         */

        /**
         * Shape of a NonfiniteMicroBatch.
         * @typedef {crescendo.NonfiniteMicroBatch.$Properties} crescendo.NonfiniteMicroBatch.$Shape
         */

        /**
         * Constructs a new NonfiniteMicroBatch.
         * @memberof crescendo
         * @classdesc Represents a NonfiniteMicroBatch.
         * @constructor
         * @param {crescendo.NonfiniteMicroBatch.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const NonfiniteMicroBatch = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * NonfiniteMicroBatch step.
         * @member {number} step
         * @memberof crescendo.NonfiniteMicroBatch
         * @instance
         */
        NonfiniteMicroBatch.prototype.step = 0;

        /**
         * NonfiniteMicroBatch microBatch.
         * @member {number} microBatch
         * @memberof crescendo.NonfiniteMicroBatch
         * @instance
         */
        NonfiniteMicroBatch.prototype.microBatch = 0;

        /**
         * Encodes the specified NonfiniteMicroBatch message. Does not implicitly {@link crescendo.NonfiniteMicroBatch.verify|verify} messages.
         * @function encode
         * @memberof crescendo.NonfiniteMicroBatch
         * @static
         * @param {crescendo.NonfiniteMicroBatch.$Properties} message NonfiniteMicroBatch message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        NonfiniteMicroBatch.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.step != null && $Object.hasOwnProperty.call(message, "step") && message.step !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.step);
            if (message.microBatch != null && $Object.hasOwnProperty.call(message, "microBatch") && message.microBatch !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.microBatch);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a NonfiniteMicroBatch message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.NonfiniteMicroBatch
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.NonfiniteMicroBatch & crescendo.NonfiniteMicroBatch.$Shape} NonfiniteMicroBatch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        NonfiniteMicroBatch.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.NonfiniteMicroBatch();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.step = value;
                        else
                            delete message.step;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.microBatch = value;
                        else
                            delete message.microBatch;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a NonfiniteMicroBatch message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.NonfiniteMicroBatch
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.NonfiniteMicroBatch} NonfiniteMicroBatch
         */
        NonfiniteMicroBatch.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.NonfiniteMicroBatch)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.NonfiniteMicroBatch: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.NonfiniteMicroBatch();
            if (object.step != null)
                if ($Number(object.step) !== 0)
                    message.step = object.step >>> 0;
            if (object.microBatch != null)
                if ($Number(object.microBatch) !== 0)
                    message.microBatch = object.microBatch >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a NonfiniteMicroBatch message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.NonfiniteMicroBatch
         * @static
         * @param {crescendo.NonfiniteMicroBatch} message NonfiniteMicroBatch
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        NonfiniteMicroBatch.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.step = 0;
                object.microBatch = 0;
            }
            if (message.step != null && $Object.hasOwnProperty.call(message, "step"))
                object.step = message.step;
            if (message.microBatch != null && $Object.hasOwnProperty.call(message, "microBatch"))
                object.microBatch = message.microBatch;
            return object;
        };

        /**
         * Converts this NonfiniteMicroBatch to JSON.
         * @function toJSON
         * @memberof crescendo.NonfiniteMicroBatch
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        NonfiniteMicroBatch.prototype.toJSON = function() {
            return NonfiniteMicroBatch.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for NonfiniteMicroBatch
         * @function getTypeUrl
         * @memberof crescendo.NonfiniteMicroBatch
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        NonfiniteMicroBatch.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.NonfiniteMicroBatch";
        };

        return NonfiniteMicroBatch;
    })();

    crescendo.StepReduced = (function() {

        /**
         * Properties of a StepReduced.
         * @typedef {Object} crescendo.StepReduced.$Properties
         * @property {number|null} [generation] StepReduced generation
         * @property {number|null} [step] StepReduced step
         * @property {number|null} [attempt] StepReduced attempt
         * @property {number|null} [checksum] StepReduced checksum
         * @property {number|null} [lossSum] StepReduced lossSum
         * @property {number|null} [correctCount] StepReduced correctCount
         * @property {number|null} [sampleCount] StepReduced sampleCount
         * @property {number|null} [nonfiniteCount] StepReduced nonfiniteCount
         * @property {number|null} [computeSeconds] StepReduced computeSeconds
         * @property {number|null} [allReduceSeconds] StepReduced allReduceSeconds
         * @property {number|null} [samplesComputed] StepReduced samplesComputed
         * @property {number|null} [gradientNorm] StepReduced gradientNorm
         * @property {number|null} [applySeconds] StepReduced applySeconds
         * @property {number|null} [allReduceBytesSent] StepReduced allReduceBytesSent
         * @property {Array.<crescendo.NonfiniteMicroBatch.$Properties>|null} [nonfinite] StepReduced nonfinite
         * @property {number|null} [allReducePayloadBytes] StepReduced allReducePayloadBytes
         * @property {number|null} [compressionSeconds] StepReduced compressionSeconds
         * @property {number|null} [overlapSeconds] StepReduced overlapSeconds
         * @property {number|null} [cosineSimilarity] StepReduced cosineSimilarity
         * @property {number|null} [inputSeconds] StepReduced inputSeconds
         * @property {Array.<crescendo.GradientChecksum.$Properties>|null} [gradientChecksums] StepReduced gradientChecksums
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StepReduced.
         * @memberof crescendo
         * @interface IStepReduced
         * @augments crescendo.StepReduced.$Properties
         * @deprecated Use crescendo.StepReduced.$Properties instead.
         */

        /**
         * Shape of a StepReduced.
         * @typedef {crescendo.StepReduced.$Properties} crescendo.StepReduced.$Shape
         */

        /**
         * Constructs a new StepReduced.
         * @memberof crescendo
         * @classdesc Represents a StepReduced.
         * @constructor
         * @param {crescendo.StepReduced.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StepReduced = function (properties) {
            this.nonfinite = [];
            this.gradientChecksums = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StepReduced generation.
         * @member {number} generation
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.generation = 0;

        /**
         * StepReduced step.
         * @member {number} step
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.step = 0;

        /**
         * StepReduced attempt.
         * @member {number} attempt
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.attempt = 0;

        /**
         * StepReduced checksum.
         * @member {number} checksum
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.checksum = 0;

        /**
         * StepReduced lossSum.
         * @member {number} lossSum
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.lossSum = 0;

        /**
         * StepReduced correctCount.
         * @member {number} correctCount
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.correctCount = 0;

        /**
         * StepReduced sampleCount.
         * @member {number} sampleCount
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.sampleCount = 0;

        /**
         * StepReduced nonfiniteCount.
         * @member {number} nonfiniteCount
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.nonfiniteCount = 0;

        /**
         * StepReduced computeSeconds.
         * @member {number} computeSeconds
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.computeSeconds = 0;

        /**
         * StepReduced allReduceSeconds.
         * @member {number} allReduceSeconds
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.allReduceSeconds = 0;

        /**
         * StepReduced samplesComputed.
         * @member {number} samplesComputed
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.samplesComputed = 0;

        /**
         * StepReduced gradientNorm.
         * @member {number} gradientNorm
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.gradientNorm = 0;

        /**
         * StepReduced applySeconds.
         * @member {number} applySeconds
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.applySeconds = 0;

        /**
         * StepReduced allReduceBytesSent.
         * @member {number} allReduceBytesSent
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.allReduceBytesSent = 0;

        /**
         * StepReduced nonfinite.
         * @member {Array.<crescendo.NonfiniteMicroBatch.$Properties>} nonfinite
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.nonfinite = $util.emptyArray;

        /**
         * StepReduced allReducePayloadBytes.
         * @member {number} allReducePayloadBytes
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.allReducePayloadBytes = 0;

        /**
         * StepReduced compressionSeconds.
         * @member {number} compressionSeconds
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.compressionSeconds = 0;

        /**
         * StepReduced overlapSeconds.
         * @member {number} overlapSeconds
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.overlapSeconds = 0;

        /**
         * StepReduced cosineSimilarity.
         * @member {number} cosineSimilarity
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.cosineSimilarity = 0;

        /**
         * StepReduced inputSeconds.
         * @member {number} inputSeconds
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.inputSeconds = 0;

        /**
         * StepReduced gradientChecksums.
         * @member {Array.<crescendo.GradientChecksum.$Properties>} gradientChecksums
         * @memberof crescendo.StepReduced
         * @instance
         */
        StepReduced.prototype.gradientChecksums = $util.emptyArray;

        /**
         * Encodes the specified StepReduced message. Does not implicitly {@link crescendo.StepReduced.verify|verify} messages.
         * @function encode
         * @memberof crescendo.StepReduced
         * @static
         * @param {crescendo.StepReduced.$Properties} message StepReduced message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StepReduced.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.step != null && $Object.hasOwnProperty.call(message, "step") && message.step !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.step);
            if (message.attempt != null && $Object.hasOwnProperty.call(message, "attempt") && message.attempt !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.attempt);
            if (message.checksum != null && $Object.hasOwnProperty.call(message, "checksum") && message.checksum !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.checksum);
            if (message.lossSum != null && $Object.hasOwnProperty.call(message, "lossSum") && !$Object.is(message.lossSum, 0))
                writer.uint32(/* id 5, wireType 1 =*/41).double(message.lossSum);
            if (message.correctCount != null && $Object.hasOwnProperty.call(message, "correctCount") && !$Object.is(message.correctCount, 0))
                writer.uint32(/* id 6, wireType 1 =*/49).double(message.correctCount);
            if (message.sampleCount != null && $Object.hasOwnProperty.call(message, "sampleCount") && !$Object.is(message.sampleCount, 0))
                writer.uint32(/* id 7, wireType 1 =*/57).double(message.sampleCount);
            if (message.nonfiniteCount != null && $Object.hasOwnProperty.call(message, "nonfiniteCount") && !$Object.is(message.nonfiniteCount, 0))
                writer.uint32(/* id 8, wireType 1 =*/65).double(message.nonfiniteCount);
            if (message.computeSeconds != null && $Object.hasOwnProperty.call(message, "computeSeconds") && !$Object.is(message.computeSeconds, 0))
                writer.uint32(/* id 9, wireType 1 =*/73).double(message.computeSeconds);
            if (message.allReduceSeconds != null && $Object.hasOwnProperty.call(message, "allReduceSeconds") && !$Object.is(message.allReduceSeconds, 0))
                writer.uint32(/* id 10, wireType 1 =*/81).double(message.allReduceSeconds);
            if (message.samplesComputed != null && $Object.hasOwnProperty.call(message, "samplesComputed") && message.samplesComputed !== 0)
                writer.uint32(/* id 11, wireType 0 =*/88).uint32(message.samplesComputed);
            if (message.gradientNorm != null && $Object.hasOwnProperty.call(message, "gradientNorm") && !$Object.is(message.gradientNorm, 0))
                writer.uint32(/* id 12, wireType 1 =*/97).double(message.gradientNorm);
            if (message.applySeconds != null && $Object.hasOwnProperty.call(message, "applySeconds") && !$Object.is(message.applySeconds, 0))
                writer.uint32(/* id 13, wireType 1 =*/105).double(message.applySeconds);
            if (message.allReduceBytesSent != null && $Object.hasOwnProperty.call(message, "allReduceBytesSent") && !$Object.is(message.allReduceBytesSent, 0))
                writer.uint32(/* id 14, wireType 1 =*/113).double(message.allReduceBytesSent);
            if (message.nonfinite != null && message.nonfinite.length)
                for (let i = 0; i < message.nonfinite.length; ++i)
                    $root.crescendo.NonfiniteMicroBatch.encode(message.nonfinite[i], writer.uint32(/* id 15, wireType 2 =*/122).fork(), _depth + 1).ldelim();
            if (message.allReducePayloadBytes != null && $Object.hasOwnProperty.call(message, "allReducePayloadBytes") && !$Object.is(message.allReducePayloadBytes, 0))
                writer.uint32(/* id 16, wireType 1 =*/129).double(message.allReducePayloadBytes);
            if (message.compressionSeconds != null && $Object.hasOwnProperty.call(message, "compressionSeconds") && !$Object.is(message.compressionSeconds, 0))
                writer.uint32(/* id 17, wireType 1 =*/137).double(message.compressionSeconds);
            if (message.overlapSeconds != null && $Object.hasOwnProperty.call(message, "overlapSeconds") && !$Object.is(message.overlapSeconds, 0))
                writer.uint32(/* id 18, wireType 1 =*/145).double(message.overlapSeconds);
            if (message.cosineSimilarity != null && $Object.hasOwnProperty.call(message, "cosineSimilarity") && !$Object.is(message.cosineSimilarity, 0))
                writer.uint32(/* id 19, wireType 1 =*/153).double(message.cosineSimilarity);
            if (message.inputSeconds != null && $Object.hasOwnProperty.call(message, "inputSeconds") && !$Object.is(message.inputSeconds, 0))
                writer.uint32(/* id 20, wireType 1 =*/161).double(message.inputSeconds);
            if (message.gradientChecksums != null && message.gradientChecksums.length)
                for (let i = 0; i < message.gradientChecksums.length; ++i)
                    $root.crescendo.GradientChecksum.encode(message.gradientChecksums[i], writer.uint32(/* id 21, wireType 2 =*/170).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StepReduced message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.StepReduced
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.StepReduced & crescendo.StepReduced.$Shape} StepReduced
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StepReduced.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.StepReduced();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.step = value;
                        else
                            delete message.step;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.attempt = value;
                        else
                            delete message.attempt;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.checksum = value;
                        else
                            delete message.checksum;
                        continue;
                    }
                case 5: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.lossSum = value;
                        else
                            delete message.lossSum;
                        continue;
                    }
                case 6: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.correctCount = value;
                        else
                            delete message.correctCount;
                        continue;
                    }
                case 7: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.sampleCount = value;
                        else
                            delete message.sampleCount;
                        continue;
                    }
                case 8: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.nonfiniteCount = value;
                        else
                            delete message.nonfiniteCount;
                        continue;
                    }
                case 9: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.computeSeconds = value;
                        else
                            delete message.computeSeconds;
                        continue;
                    }
                case 10: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.allReduceSeconds = value;
                        else
                            delete message.allReduceSeconds;
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.samplesComputed = value;
                        else
                            delete message.samplesComputed;
                        continue;
                    }
                case 12: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.gradientNorm = value;
                        else
                            delete message.gradientNorm;
                        continue;
                    }
                case 13: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.applySeconds = value;
                        else
                            delete message.applySeconds;
                        continue;
                    }
                case 14: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.allReduceBytesSent = value;
                        else
                            delete message.allReduceBytesSent;
                        continue;
                    }
                case 15: {
                        if (wireType !== 2)
                            break;
                        if (!(message.nonfinite && message.nonfinite.length))
                            message.nonfinite = [];
                        message.nonfinite.push($root.crescendo.NonfiniteMicroBatch.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 16: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.allReducePayloadBytes = value;
                        else
                            delete message.allReducePayloadBytes;
                        continue;
                    }
                case 17: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.compressionSeconds = value;
                        else
                            delete message.compressionSeconds;
                        continue;
                    }
                case 18: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.overlapSeconds = value;
                        else
                            delete message.overlapSeconds;
                        continue;
                    }
                case 19: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.cosineSimilarity = value;
                        else
                            delete message.cosineSimilarity;
                        continue;
                    }
                case 20: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.inputSeconds = value;
                        else
                            delete message.inputSeconds;
                        continue;
                    }
                case 21: {
                        if (wireType !== 2)
                            break;
                        if (!(message.gradientChecksums && message.gradientChecksums.length))
                            message.gradientChecksums = [];
                        message.gradientChecksums.push($root.crescendo.GradientChecksum.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a StepReduced message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.StepReduced
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.StepReduced} StepReduced
         */
        StepReduced.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.StepReduced)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.StepReduced: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.StepReduced();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.step != null)
                if ($Number(object.step) !== 0)
                    message.step = object.step >>> 0;
            if (object.attempt != null)
                if ($Number(object.attempt) !== 0)
                    message.attempt = object.attempt >>> 0;
            if (object.checksum != null)
                if ($Number(object.checksum) !== 0)
                    message.checksum = object.checksum >>> 0;
            if (object.lossSum != null)
                if (!$Object.is($Number(object.lossSum), 0))
                    message.lossSum = $Number(object.lossSum);
            if (object.correctCount != null)
                if (!$Object.is($Number(object.correctCount), 0))
                    message.correctCount = $Number(object.correctCount);
            if (object.sampleCount != null)
                if (!$Object.is($Number(object.sampleCount), 0))
                    message.sampleCount = $Number(object.sampleCount);
            if (object.nonfiniteCount != null)
                if (!$Object.is($Number(object.nonfiniteCount), 0))
                    message.nonfiniteCount = $Number(object.nonfiniteCount);
            if (object.computeSeconds != null)
                if (!$Object.is($Number(object.computeSeconds), 0))
                    message.computeSeconds = $Number(object.computeSeconds);
            if (object.allReduceSeconds != null)
                if (!$Object.is($Number(object.allReduceSeconds), 0))
                    message.allReduceSeconds = $Number(object.allReduceSeconds);
            if (object.samplesComputed != null)
                if ($Number(object.samplesComputed) !== 0)
                    message.samplesComputed = object.samplesComputed >>> 0;
            if (object.gradientNorm != null)
                if (!$Object.is($Number(object.gradientNorm), 0))
                    message.gradientNorm = $Number(object.gradientNorm);
            if (object.applySeconds != null)
                if (!$Object.is($Number(object.applySeconds), 0))
                    message.applySeconds = $Number(object.applySeconds);
            if (object.allReduceBytesSent != null)
                if (!$Object.is($Number(object.allReduceBytesSent), 0))
                    message.allReduceBytesSent = $Number(object.allReduceBytesSent);
            if (object.nonfinite) {
                if (!$Array.isArray(object.nonfinite))
                    throw $TypeError(".crescendo.StepReduced.nonfinite: array expected");
                message.nonfinite = $Array(object.nonfinite.length);
                for (let i = 0; i < object.nonfinite.length; ++i) {
                    if (!$util.isObject(object.nonfinite[i]))
                        throw $TypeError(".crescendo.StepReduced.nonfinite: object expected");
                    message.nonfinite[i] = $root.crescendo.NonfiniteMicroBatch.fromObject(object.nonfinite[i], _depth + 1);
                }
            }
            if (object.allReducePayloadBytes != null)
                if (!$Object.is($Number(object.allReducePayloadBytes), 0))
                    message.allReducePayloadBytes = $Number(object.allReducePayloadBytes);
            if (object.compressionSeconds != null)
                if (!$Object.is($Number(object.compressionSeconds), 0))
                    message.compressionSeconds = $Number(object.compressionSeconds);
            if (object.overlapSeconds != null)
                if (!$Object.is($Number(object.overlapSeconds), 0))
                    message.overlapSeconds = $Number(object.overlapSeconds);
            if (object.cosineSimilarity != null)
                if (!$Object.is($Number(object.cosineSimilarity), 0))
                    message.cosineSimilarity = $Number(object.cosineSimilarity);
            if (object.inputSeconds != null)
                if (!$Object.is($Number(object.inputSeconds), 0))
                    message.inputSeconds = $Number(object.inputSeconds);
            if (object.gradientChecksums) {
                if (!$Array.isArray(object.gradientChecksums))
                    throw $TypeError(".crescendo.StepReduced.gradientChecksums: array expected");
                message.gradientChecksums = $Array(object.gradientChecksums.length);
                for (let i = 0; i < object.gradientChecksums.length; ++i) {
                    if (!$util.isObject(object.gradientChecksums[i]))
                        throw $TypeError(".crescendo.StepReduced.gradientChecksums: object expected");
                    message.gradientChecksums[i] = $root.crescendo.GradientChecksum.fromObject(object.gradientChecksums[i], _depth + 1);
                }
            }
            return message;
        };

        /**
         * Creates a plain object from a StepReduced message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.StepReduced
         * @static
         * @param {crescendo.StepReduced} message StepReduced
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        StepReduced.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults) {
                object.nonfinite = [];
                object.gradientChecksums = [];
            }
            if (options.defaults) {
                object.generation = 0;
                object.step = 0;
                object.attempt = 0;
                object.checksum = 0;
                object.lossSum = 0;
                object.correctCount = 0;
                object.sampleCount = 0;
                object.nonfiniteCount = 0;
                object.computeSeconds = 0;
                object.allReduceSeconds = 0;
                object.samplesComputed = 0;
                object.gradientNorm = 0;
                object.applySeconds = 0;
                object.allReduceBytesSent = 0;
                object.allReducePayloadBytes = 0;
                object.compressionSeconds = 0;
                object.overlapSeconds = 0;
                object.cosineSimilarity = 0;
                object.inputSeconds = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.step != null && $Object.hasOwnProperty.call(message, "step"))
                object.step = message.step;
            if (message.attempt != null && $Object.hasOwnProperty.call(message, "attempt"))
                object.attempt = message.attempt;
            if (message.checksum != null && $Object.hasOwnProperty.call(message, "checksum"))
                object.checksum = message.checksum;
            if (message.lossSum != null && $Object.hasOwnProperty.call(message, "lossSum"))
                object.lossSum = options.json && !$isFinite(message.lossSum) ? $String(message.lossSum) : message.lossSum;
            if (message.correctCount != null && $Object.hasOwnProperty.call(message, "correctCount"))
                object.correctCount = options.json && !$isFinite(message.correctCount) ? $String(message.correctCount) : message.correctCount;
            if (message.sampleCount != null && $Object.hasOwnProperty.call(message, "sampleCount"))
                object.sampleCount = options.json && !$isFinite(message.sampleCount) ? $String(message.sampleCount) : message.sampleCount;
            if (message.nonfiniteCount != null && $Object.hasOwnProperty.call(message, "nonfiniteCount"))
                object.nonfiniteCount = options.json && !$isFinite(message.nonfiniteCount) ? $String(message.nonfiniteCount) : message.nonfiniteCount;
            if (message.computeSeconds != null && $Object.hasOwnProperty.call(message, "computeSeconds"))
                object.computeSeconds = options.json && !$isFinite(message.computeSeconds) ? $String(message.computeSeconds) : message.computeSeconds;
            if (message.allReduceSeconds != null && $Object.hasOwnProperty.call(message, "allReduceSeconds"))
                object.allReduceSeconds = options.json && !$isFinite(message.allReduceSeconds) ? $String(message.allReduceSeconds) : message.allReduceSeconds;
            if (message.samplesComputed != null && $Object.hasOwnProperty.call(message, "samplesComputed"))
                object.samplesComputed = message.samplesComputed;
            if (message.gradientNorm != null && $Object.hasOwnProperty.call(message, "gradientNorm"))
                object.gradientNorm = options.json && !$isFinite(message.gradientNorm) ? $String(message.gradientNorm) : message.gradientNorm;
            if (message.applySeconds != null && $Object.hasOwnProperty.call(message, "applySeconds"))
                object.applySeconds = options.json && !$isFinite(message.applySeconds) ? $String(message.applySeconds) : message.applySeconds;
            if (message.allReduceBytesSent != null && $Object.hasOwnProperty.call(message, "allReduceBytesSent"))
                object.allReduceBytesSent = options.json && !$isFinite(message.allReduceBytesSent) ? $String(message.allReduceBytesSent) : message.allReduceBytesSent;
            if (message.nonfinite && message.nonfinite.length) {
                object.nonfinite = $Array(message.nonfinite.length);
                for (let j = 0; j < message.nonfinite.length; ++j)
                    object.nonfinite[j] = $root.crescendo.NonfiniteMicroBatch.toObject(message.nonfinite[j], options, _depth + 1);
            }
            if (message.allReducePayloadBytes != null && $Object.hasOwnProperty.call(message, "allReducePayloadBytes"))
                object.allReducePayloadBytes = options.json && !$isFinite(message.allReducePayloadBytes) ? $String(message.allReducePayloadBytes) : message.allReducePayloadBytes;
            if (message.compressionSeconds != null && $Object.hasOwnProperty.call(message, "compressionSeconds"))
                object.compressionSeconds = options.json && !$isFinite(message.compressionSeconds) ? $String(message.compressionSeconds) : message.compressionSeconds;
            if (message.overlapSeconds != null && $Object.hasOwnProperty.call(message, "overlapSeconds"))
                object.overlapSeconds = options.json && !$isFinite(message.overlapSeconds) ? $String(message.overlapSeconds) : message.overlapSeconds;
            if (message.cosineSimilarity != null && $Object.hasOwnProperty.call(message, "cosineSimilarity"))
                object.cosineSimilarity = options.json && !$isFinite(message.cosineSimilarity) ? $String(message.cosineSimilarity) : message.cosineSimilarity;
            if (message.inputSeconds != null && $Object.hasOwnProperty.call(message, "inputSeconds"))
                object.inputSeconds = options.json && !$isFinite(message.inputSeconds) ? $String(message.inputSeconds) : message.inputSeconds;
            if (message.gradientChecksums && message.gradientChecksums.length) {
                object.gradientChecksums = $Array(message.gradientChecksums.length);
                for (let j = 0; j < message.gradientChecksums.length; ++j)
                    object.gradientChecksums[j] = $root.crescendo.GradientChecksum.toObject(message.gradientChecksums[j], options, _depth + 1);
            }
            return object;
        };

        /**
         * Converts this StepReduced to JSON.
         * @function toJSON
         * @memberof crescendo.StepReduced
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        StepReduced.prototype.toJSON = function() {
            return StepReduced.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for StepReduced
         * @function getTypeUrl
         * @memberof crescendo.StepReduced
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        StepReduced.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.StepReduced";
        };

        return StepReduced;
    })();

    crescendo.EvaluationLease = (function() {

        /**
         * Properties of an EvaluationLease.
         * @typedef {Object} crescendo.EvaluationLease.$Properties
         * @property {number|null} [slot] EvaluationLease slot
         * @property {Array.<number>|null} [batches] EvaluationLease batches
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an EvaluationLease.
         * @memberof crescendo
         * @interface IEvaluationLease
         * @augments crescendo.EvaluationLease.$Properties
         * @deprecated Use crescendo.EvaluationLease.$Properties instead.
         */

        /**
         * Shape of an EvaluationLease.
         * @typedef {crescendo.EvaluationLease.$Properties} crescendo.EvaluationLease.$Shape
         */

        /**
         * Constructs a new EvaluationLease.
         * @memberof crescendo
         * @classdesc Represents an EvaluationLease.
         * @constructor
         * @param {crescendo.EvaluationLease.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const EvaluationLease = function (properties) {
            this.batches = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * EvaluationLease slot.
         * @member {number} slot
         * @memberof crescendo.EvaluationLease
         * @instance
         */
        EvaluationLease.prototype.slot = 0;

        /**
         * EvaluationLease batches.
         * @member {Array.<number>} batches
         * @memberof crescendo.EvaluationLease
         * @instance
         */
        EvaluationLease.prototype.batches = $util.emptyArray;

        /**
         * Encodes the specified EvaluationLease message. Does not implicitly {@link crescendo.EvaluationLease.verify|verify} messages.
         * @function encode
         * @memberof crescendo.EvaluationLease
         * @static
         * @param {crescendo.EvaluationLease.$Properties} message EvaluationLease message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        EvaluationLease.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.batches != null && message.batches.length)
                writer.uint32(/* id 2, wireType 2 =*/18).uint32s(message.batches);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an EvaluationLease message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.EvaluationLease
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.EvaluationLease & crescendo.EvaluationLease.$Shape} EvaluationLease
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        EvaluationLease.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.EvaluationLease();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType === 2) {
                            if (!(message.batches && message.batches.length))
                                message.batches = [];
                            reader.uint32s(message.batches);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.batches && message.batches.length))
                            message.batches = [];
                        message.batches.push(reader.uint32());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates an EvaluationLease message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.EvaluationLease
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.EvaluationLease} EvaluationLease
         */
        EvaluationLease.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.EvaluationLease)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.EvaluationLease: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.EvaluationLease();
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            if (object.batches) {
                if (!$Array.isArray(object.batches))
                    throw $TypeError(".crescendo.EvaluationLease.batches: array expected");
                message.batches = $Array(object.batches.length);
                for (let i = 0; i < object.batches.length; ++i)
                    message.batches[i] = object.batches[i] >>> 0;
            }
            return message;
        };

        /**
         * Creates a plain object from an EvaluationLease message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.EvaluationLease
         * @static
         * @param {crescendo.EvaluationLease} message EvaluationLease
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        EvaluationLease.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.batches = [];
            if (options.defaults)
                object.slot = 0;
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            if (message.batches && message.batches.length) {
                object.batches = $Array(message.batches.length);
                for (let j = 0; j < message.batches.length; ++j)
                    object.batches[j] = message.batches[j];
            }
            return object;
        };

        /**
         * Converts this EvaluationLease to JSON.
         * @function toJSON
         * @memberof crescendo.EvaluationLease
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        EvaluationLease.prototype.toJSON = function() {
            return EvaluationLease.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for EvaluationLease
         * @function getTypeUrl
         * @memberof crescendo.EvaluationLease
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        EvaluationLease.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.EvaluationLease";
        };

        return EvaluationLease;
    })();

    crescendo.EvaluationOrder = (function() {

        /**
         * Properties of an EvaluationOrder.
         * @typedef {Object} crescendo.EvaluationOrder.$Properties
         * @property {number|null} [generation] EvaluationOrder generation
         * @property {number|null} [evaluation] EvaluationOrder evaluation
         * @property {number|null} [committedSteps] EvaluationOrder committedSteps
         * @property {number|null} [imageSizePx] EvaluationOrder imageSizePx
         * @property {number|null} [batchSamples] EvaluationOrder batchSamples
         * @property {Array.<crescendo.EvaluationLease.$Properties>|null} [leases] EvaluationOrder leases
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an EvaluationOrder.
         * @memberof crescendo
         * @interface IEvaluationOrder
         * @augments crescendo.EvaluationOrder.$Properties
         * @deprecated Use crescendo.EvaluationOrder.$Properties instead.
         */

        /**
         * Shape of an EvaluationOrder.
         * @typedef {crescendo.EvaluationOrder.$Properties} crescendo.EvaluationOrder.$Shape
         */

        /**
         * Constructs a new EvaluationOrder.
         * @memberof crescendo
         * @classdesc Represents an EvaluationOrder.
         * @constructor
         * @param {crescendo.EvaluationOrder.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const EvaluationOrder = function (properties) {
            this.leases = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * EvaluationOrder generation.
         * @member {number} generation
         * @memberof crescendo.EvaluationOrder
         * @instance
         */
        EvaluationOrder.prototype.generation = 0;

        /**
         * EvaluationOrder evaluation.
         * @member {number} evaluation
         * @memberof crescendo.EvaluationOrder
         * @instance
         */
        EvaluationOrder.prototype.evaluation = 0;

        /**
         * EvaluationOrder committedSteps.
         * @member {number} committedSteps
         * @memberof crescendo.EvaluationOrder
         * @instance
         */
        EvaluationOrder.prototype.committedSteps = 0;

        /**
         * EvaluationOrder imageSizePx.
         * @member {number} imageSizePx
         * @memberof crescendo.EvaluationOrder
         * @instance
         */
        EvaluationOrder.prototype.imageSizePx = 0;

        /**
         * EvaluationOrder batchSamples.
         * @member {number} batchSamples
         * @memberof crescendo.EvaluationOrder
         * @instance
         */
        EvaluationOrder.prototype.batchSamples = 0;

        /**
         * EvaluationOrder leases.
         * @member {Array.<crescendo.EvaluationLease.$Properties>} leases
         * @memberof crescendo.EvaluationOrder
         * @instance
         */
        EvaluationOrder.prototype.leases = $util.emptyArray;

        /**
         * Encodes the specified EvaluationOrder message. Does not implicitly {@link crescendo.EvaluationOrder.verify|verify} messages.
         * @function encode
         * @memberof crescendo.EvaluationOrder
         * @static
         * @param {crescendo.EvaluationOrder.$Properties} message EvaluationOrder message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        EvaluationOrder.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.evaluation != null && $Object.hasOwnProperty.call(message, "evaluation") && message.evaluation !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.evaluation);
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps") && message.committedSteps !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.committedSteps);
            if (message.imageSizePx != null && $Object.hasOwnProperty.call(message, "imageSizePx") && message.imageSizePx !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.imageSizePx);
            if (message.batchSamples != null && $Object.hasOwnProperty.call(message, "batchSamples") && message.batchSamples !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.batchSamples);
            if (message.leases != null && message.leases.length)
                for (let i = 0; i < message.leases.length; ++i)
                    $root.crescendo.EvaluationLease.encode(message.leases[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an EvaluationOrder message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.EvaluationOrder
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.EvaluationOrder & crescendo.EvaluationOrder.$Shape} EvaluationOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        EvaluationOrder.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.EvaluationOrder();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.evaluation = value;
                        else
                            delete message.evaluation;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.committedSteps = value;
                        else
                            delete message.committedSteps;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.imageSizePx = value;
                        else
                            delete message.imageSizePx;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.batchSamples = value;
                        else
                            delete message.batchSamples;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if (!(message.leases && message.leases.length))
                            message.leases = [];
                        message.leases.push($root.crescendo.EvaluationLease.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates an EvaluationOrder message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.EvaluationOrder
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.EvaluationOrder} EvaluationOrder
         */
        EvaluationOrder.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.EvaluationOrder)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.EvaluationOrder: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.EvaluationOrder();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.evaluation != null)
                if ($Number(object.evaluation) !== 0)
                    message.evaluation = object.evaluation >>> 0;
            if (object.committedSteps != null)
                if ($Number(object.committedSteps) !== 0)
                    message.committedSteps = object.committedSteps >>> 0;
            if (object.imageSizePx != null)
                if ($Number(object.imageSizePx) !== 0)
                    message.imageSizePx = object.imageSizePx >>> 0;
            if (object.batchSamples != null)
                if ($Number(object.batchSamples) !== 0)
                    message.batchSamples = object.batchSamples >>> 0;
            if (object.leases) {
                if (!$Array.isArray(object.leases))
                    throw $TypeError(".crescendo.EvaluationOrder.leases: array expected");
                message.leases = $Array(object.leases.length);
                for (let i = 0; i < object.leases.length; ++i) {
                    if (!$util.isObject(object.leases[i]))
                        throw $TypeError(".crescendo.EvaluationOrder.leases: object expected");
                    message.leases[i] = $root.crescendo.EvaluationLease.fromObject(object.leases[i], _depth + 1);
                }
            }
            return message;
        };

        /**
         * Creates a plain object from an EvaluationOrder message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.EvaluationOrder
         * @static
         * @param {crescendo.EvaluationOrder} message EvaluationOrder
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        EvaluationOrder.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.leases = [];
            if (options.defaults) {
                object.generation = 0;
                object.evaluation = 0;
                object.committedSteps = 0;
                object.imageSizePx = 0;
                object.batchSamples = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.evaluation != null && $Object.hasOwnProperty.call(message, "evaluation"))
                object.evaluation = message.evaluation;
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps"))
                object.committedSteps = message.committedSteps;
            if (message.imageSizePx != null && $Object.hasOwnProperty.call(message, "imageSizePx"))
                object.imageSizePx = message.imageSizePx;
            if (message.batchSamples != null && $Object.hasOwnProperty.call(message, "batchSamples"))
                object.batchSamples = message.batchSamples;
            if (message.leases && message.leases.length) {
                object.leases = $Array(message.leases.length);
                for (let j = 0; j < message.leases.length; ++j)
                    object.leases[j] = $root.crescendo.EvaluationLease.toObject(message.leases[j], options, _depth + 1);
            }
            return object;
        };

        /**
         * Converts this EvaluationOrder to JSON.
         * @function toJSON
         * @memberof crescendo.EvaluationOrder
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        EvaluationOrder.prototype.toJSON = function() {
            return EvaluationOrder.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for EvaluationOrder
         * @function getTypeUrl
         * @memberof crescendo.EvaluationOrder
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        EvaluationOrder.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.EvaluationOrder";
        };

        return EvaluationOrder;
    })();

    crescendo.EvaluationBatch = (function() {

        /**
         * Properties of an EvaluationBatch.
         * @typedef {Object} crescendo.EvaluationBatch.$Properties
         * @property {number|null} [index] EvaluationBatch index
         * @property {number|null} [sampleCount] EvaluationBatch sampleCount
         * @property {number|null} [top1Count] EvaluationBatch top1Count
         * @property {number|null} [top5Count] EvaluationBatch top5Count
         * @property {number|null} [lossSum] EvaluationBatch lossSum
         * @property {number|null} [emaTop1Count] EvaluationBatch emaTop1Count
         * @property {number|null} [emaTop5Count] EvaluationBatch emaTop5Count
         * @property {number|null} [emaLossSum] EvaluationBatch emaLossSum
         * @property {number|null} [unreadableCount] EvaluationBatch unreadableCount
         * @property {Array.<string>|null} [unreadable] EvaluationBatch unreadable
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an EvaluationBatch.
         * @memberof crescendo
         * @interface IEvaluationBatch
         * @augments crescendo.EvaluationBatch.$Properties
         * @deprecated Use crescendo.EvaluationBatch.$Properties instead.
         */

        /**
         * Shape of an EvaluationBatch.
         * @typedef {crescendo.EvaluationBatch.$Properties} crescendo.EvaluationBatch.$Shape
         */

        /**
         * Constructs a new EvaluationBatch.
         * @memberof crescendo
         * @classdesc Represents an EvaluationBatch.
         * @constructor
         * @param {crescendo.EvaluationBatch.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const EvaluationBatch = function (properties) {
            this.unreadable = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * EvaluationBatch index.
         * @member {number} index
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.index = 0;

        /**
         * EvaluationBatch sampleCount.
         * @member {number} sampleCount
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.sampleCount = 0;

        /**
         * EvaluationBatch top1Count.
         * @member {number} top1Count
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.top1Count = 0;

        /**
         * EvaluationBatch top5Count.
         * @member {number} top5Count
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.top5Count = 0;

        /**
         * EvaluationBatch lossSum.
         * @member {number} lossSum
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.lossSum = 0;

        /**
         * EvaluationBatch emaTop1Count.
         * @member {number} emaTop1Count
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.emaTop1Count = 0;

        /**
         * EvaluationBatch emaTop5Count.
         * @member {number} emaTop5Count
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.emaTop5Count = 0;

        /**
         * EvaluationBatch emaLossSum.
         * @member {number} emaLossSum
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.emaLossSum = 0;

        /**
         * EvaluationBatch unreadableCount.
         * @member {number} unreadableCount
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.unreadableCount = 0;

        /**
         * EvaluationBatch unreadable.
         * @member {Array.<string>} unreadable
         * @memberof crescendo.EvaluationBatch
         * @instance
         */
        EvaluationBatch.prototype.unreadable = $util.emptyArray;

        /**
         * Encodes the specified EvaluationBatch message. Does not implicitly {@link crescendo.EvaluationBatch.verify|verify} messages.
         * @function encode
         * @memberof crescendo.EvaluationBatch
         * @static
         * @param {crescendo.EvaluationBatch.$Properties} message EvaluationBatch message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        EvaluationBatch.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.index);
            if (message.sampleCount != null && $Object.hasOwnProperty.call(message, "sampleCount") && message.sampleCount !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.sampleCount);
            if (message.top1Count != null && $Object.hasOwnProperty.call(message, "top1Count") && message.top1Count !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.top1Count);
            if (message.top5Count != null && $Object.hasOwnProperty.call(message, "top5Count") && message.top5Count !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.top5Count);
            if (message.lossSum != null && $Object.hasOwnProperty.call(message, "lossSum") && !$Object.is(message.lossSum, 0))
                writer.uint32(/* id 5, wireType 1 =*/41).double(message.lossSum);
            if (message.emaTop1Count != null && $Object.hasOwnProperty.call(message, "emaTop1Count") && message.emaTop1Count !== 0)
                writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.emaTop1Count);
            if (message.emaTop5Count != null && $Object.hasOwnProperty.call(message, "emaTop5Count") && message.emaTop5Count !== 0)
                writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.emaTop5Count);
            if (message.emaLossSum != null && $Object.hasOwnProperty.call(message, "emaLossSum") && !$Object.is(message.emaLossSum, 0))
                writer.uint32(/* id 8, wireType 1 =*/65).double(message.emaLossSum);
            if (message.unreadableCount != null && $Object.hasOwnProperty.call(message, "unreadableCount") && message.unreadableCount !== 0)
                writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.unreadableCount);
            if (message.unreadable != null && message.unreadable.length)
                for (let i = 0; i < message.unreadable.length; ++i)
                    writer.uint32(/* id 10, wireType 2 =*/82).string(message.unreadable[i]);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an EvaluationBatch message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.EvaluationBatch
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.EvaluationBatch & crescendo.EvaluationBatch.$Shape} EvaluationBatch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        EvaluationBatch.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.EvaluationBatch();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.sampleCount = value;
                        else
                            delete message.sampleCount;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.top1Count = value;
                        else
                            delete message.top1Count;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.top5Count = value;
                        else
                            delete message.top5Count;
                        continue;
                    }
                case 5: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.lossSum = value;
                        else
                            delete message.lossSum;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.emaTop1Count = value;
                        else
                            delete message.emaTop1Count;
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.emaTop5Count = value;
                        else
                            delete message.emaTop5Count;
                        continue;
                    }
                case 8: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.emaLossSum = value;
                        else
                            delete message.emaLossSum;
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.unreadableCount = value;
                        else
                            delete message.unreadableCount;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if (!(message.unreadable && message.unreadable.length))
                            message.unreadable = [];
                        message.unreadable.push(reader.stringVerify());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates an EvaluationBatch message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.EvaluationBatch
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.EvaluationBatch} EvaluationBatch
         */
        EvaluationBatch.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.EvaluationBatch)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.EvaluationBatch: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.EvaluationBatch();
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.sampleCount != null)
                if ($Number(object.sampleCount) !== 0)
                    message.sampleCount = object.sampleCount >>> 0;
            if (object.top1Count != null)
                if ($Number(object.top1Count) !== 0)
                    message.top1Count = object.top1Count >>> 0;
            if (object.top5Count != null)
                if ($Number(object.top5Count) !== 0)
                    message.top5Count = object.top5Count >>> 0;
            if (object.lossSum != null)
                if (!$Object.is($Number(object.lossSum), 0))
                    message.lossSum = $Number(object.lossSum);
            if (object.emaTop1Count != null)
                if ($Number(object.emaTop1Count) !== 0)
                    message.emaTop1Count = object.emaTop1Count >>> 0;
            if (object.emaTop5Count != null)
                if ($Number(object.emaTop5Count) !== 0)
                    message.emaTop5Count = object.emaTop5Count >>> 0;
            if (object.emaLossSum != null)
                if (!$Object.is($Number(object.emaLossSum), 0))
                    message.emaLossSum = $Number(object.emaLossSum);
            if (object.unreadableCount != null)
                if ($Number(object.unreadableCount) !== 0)
                    message.unreadableCount = object.unreadableCount >>> 0;
            if (object.unreadable) {
                if (!$Array.isArray(object.unreadable))
                    throw $TypeError(".crescendo.EvaluationBatch.unreadable: array expected");
                message.unreadable = $Array(object.unreadable.length);
                for (let i = 0; i < object.unreadable.length; ++i)
                    message.unreadable[i] = $String(object.unreadable[i]);
            }
            return message;
        };

        /**
         * Creates a plain object from an EvaluationBatch message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.EvaluationBatch
         * @static
         * @param {crescendo.EvaluationBatch} message EvaluationBatch
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        EvaluationBatch.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.unreadable = [];
            if (options.defaults) {
                object.index = 0;
                object.sampleCount = 0;
                object.top1Count = 0;
                object.top5Count = 0;
                object.lossSum = 0;
                object.emaTop1Count = 0;
                object.emaTop5Count = 0;
                object.emaLossSum = 0;
                object.unreadableCount = 0;
            }
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.sampleCount != null && $Object.hasOwnProperty.call(message, "sampleCount"))
                object.sampleCount = message.sampleCount;
            if (message.top1Count != null && $Object.hasOwnProperty.call(message, "top1Count"))
                object.top1Count = message.top1Count;
            if (message.top5Count != null && $Object.hasOwnProperty.call(message, "top5Count"))
                object.top5Count = message.top5Count;
            if (message.lossSum != null && $Object.hasOwnProperty.call(message, "lossSum"))
                object.lossSum = options.json && !$isFinite(message.lossSum) ? $String(message.lossSum) : message.lossSum;
            if (message.emaTop1Count != null && $Object.hasOwnProperty.call(message, "emaTop1Count"))
                object.emaTop1Count = message.emaTop1Count;
            if (message.emaTop5Count != null && $Object.hasOwnProperty.call(message, "emaTop5Count"))
                object.emaTop5Count = message.emaTop5Count;
            if (message.emaLossSum != null && $Object.hasOwnProperty.call(message, "emaLossSum"))
                object.emaLossSum = options.json && !$isFinite(message.emaLossSum) ? $String(message.emaLossSum) : message.emaLossSum;
            if (message.unreadableCount != null && $Object.hasOwnProperty.call(message, "unreadableCount"))
                object.unreadableCount = message.unreadableCount;
            if (message.unreadable && message.unreadable.length) {
                object.unreadable = $Array(message.unreadable.length);
                for (let j = 0; j < message.unreadable.length; ++j)
                    object.unreadable[j] = message.unreadable[j];
            }
            return object;
        };

        /**
         * Converts this EvaluationBatch to JSON.
         * @function toJSON
         * @memberof crescendo.EvaluationBatch
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        EvaluationBatch.prototype.toJSON = function() {
            return EvaluationBatch.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for EvaluationBatch
         * @function getTypeUrl
         * @memberof crescendo.EvaluationBatch
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        EvaluationBatch.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.EvaluationBatch";
        };

        return EvaluationBatch;
    })();

    crescendo.EvaluationDone = (function() {

        /**
         * Properties of an EvaluationDone.
         * @typedef {Object} crescendo.EvaluationDone.$Properties
         * @property {number|null} [generation] EvaluationDone generation
         * @property {number|null} [evaluation] EvaluationDone evaluation
         * @property {Array.<crescendo.EvaluationBatch.$Properties>|null} [batches] EvaluationDone batches
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an EvaluationDone.
         * @memberof crescendo
         * @interface IEvaluationDone
         * @augments crescendo.EvaluationDone.$Properties
         * @deprecated Use crescendo.EvaluationDone.$Properties instead.
         */

        /**
         * Shape of an EvaluationDone.
         * @typedef {crescendo.EvaluationDone.$Properties} crescendo.EvaluationDone.$Shape
         */

        /**
         * Constructs a new EvaluationDone.
         * @memberof crescendo
         * @classdesc Represents an EvaluationDone.
         * @constructor
         * @param {crescendo.EvaluationDone.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const EvaluationDone = function (properties) {
            this.batches = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * EvaluationDone generation.
         * @member {number} generation
         * @memberof crescendo.EvaluationDone
         * @instance
         */
        EvaluationDone.prototype.generation = 0;

        /**
         * EvaluationDone evaluation.
         * @member {number} evaluation
         * @memberof crescendo.EvaluationDone
         * @instance
         */
        EvaluationDone.prototype.evaluation = 0;

        /**
         * EvaluationDone batches.
         * @member {Array.<crescendo.EvaluationBatch.$Properties>} batches
         * @memberof crescendo.EvaluationDone
         * @instance
         */
        EvaluationDone.prototype.batches = $util.emptyArray;

        /**
         * Encodes the specified EvaluationDone message. Does not implicitly {@link crescendo.EvaluationDone.verify|verify} messages.
         * @function encode
         * @memberof crescendo.EvaluationDone
         * @static
         * @param {crescendo.EvaluationDone.$Properties} message EvaluationDone message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        EvaluationDone.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.evaluation != null && $Object.hasOwnProperty.call(message, "evaluation") && message.evaluation !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.evaluation);
            if (message.batches != null && message.batches.length)
                for (let i = 0; i < message.batches.length; ++i)
                    $root.crescendo.EvaluationBatch.encode(message.batches[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an EvaluationDone message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.EvaluationDone
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.EvaluationDone & crescendo.EvaluationDone.$Shape} EvaluationDone
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        EvaluationDone.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.EvaluationDone();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.evaluation = value;
                        else
                            delete message.evaluation;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if (!(message.batches && message.batches.length))
                            message.batches = [];
                        message.batches.push($root.crescendo.EvaluationBatch.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates an EvaluationDone message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.EvaluationDone
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.EvaluationDone} EvaluationDone
         */
        EvaluationDone.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.EvaluationDone)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.EvaluationDone: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.EvaluationDone();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.evaluation != null)
                if ($Number(object.evaluation) !== 0)
                    message.evaluation = object.evaluation >>> 0;
            if (object.batches) {
                if (!$Array.isArray(object.batches))
                    throw $TypeError(".crescendo.EvaluationDone.batches: array expected");
                message.batches = $Array(object.batches.length);
                for (let i = 0; i < object.batches.length; ++i) {
                    if (!$util.isObject(object.batches[i]))
                        throw $TypeError(".crescendo.EvaluationDone.batches: object expected");
                    message.batches[i] = $root.crescendo.EvaluationBatch.fromObject(object.batches[i], _depth + 1);
                }
            }
            return message;
        };

        /**
         * Creates a plain object from an EvaluationDone message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.EvaluationDone
         * @static
         * @param {crescendo.EvaluationDone} message EvaluationDone
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        EvaluationDone.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.batches = [];
            if (options.defaults) {
                object.generation = 0;
                object.evaluation = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.evaluation != null && $Object.hasOwnProperty.call(message, "evaluation"))
                object.evaluation = message.evaluation;
            if (message.batches && message.batches.length) {
                object.batches = $Array(message.batches.length);
                for (let j = 0; j < message.batches.length; ++j)
                    object.batches[j] = $root.crescendo.EvaluationBatch.toObject(message.batches[j], options, _depth + 1);
            }
            return object;
        };

        /**
         * Converts this EvaluationDone to JSON.
         * @function toJSON
         * @memberof crescendo.EvaluationDone
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        EvaluationDone.prototype.toJSON = function() {
            return EvaluationDone.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for EvaluationDone
         * @function getTypeUrl
         * @memberof crescendo.EvaluationDone
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        EvaluationDone.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.EvaluationDone";
        };

        return EvaluationDone;
    })();

    crescendo.FinishOrder = (function() {

        /**
         * Properties of a FinishOrder.
         * @typedef {Object} crescendo.FinishOrder.$Properties
         * @property {number|null} [generation] FinishOrder generation
         * @property {number|null} [committedSteps] FinishOrder committedSteps
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a FinishOrder.
         * @memberof crescendo
         * @interface IFinishOrder
         * @augments crescendo.FinishOrder.$Properties
         * @deprecated Use crescendo.FinishOrder.$Properties instead.
         */

        /**
         * Shape of a FinishOrder.
         * @typedef {crescendo.FinishOrder.$Properties} crescendo.FinishOrder.$Shape
         */

        /**
         * Constructs a new FinishOrder.
         * @memberof crescendo
         * @classdesc Represents a FinishOrder.
         * @constructor
         * @param {crescendo.FinishOrder.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const FinishOrder = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * FinishOrder generation.
         * @member {number} generation
         * @memberof crescendo.FinishOrder
         * @instance
         */
        FinishOrder.prototype.generation = 0;

        /**
         * FinishOrder committedSteps.
         * @member {number} committedSteps
         * @memberof crescendo.FinishOrder
         * @instance
         */
        FinishOrder.prototype.committedSteps = 0;

        /**
         * Encodes the specified FinishOrder message. Does not implicitly {@link crescendo.FinishOrder.verify|verify} messages.
         * @function encode
         * @memberof crescendo.FinishOrder
         * @static
         * @param {crescendo.FinishOrder.$Properties} message FinishOrder message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        FinishOrder.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps") && message.committedSteps !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.committedSteps);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a FinishOrder message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.FinishOrder
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.FinishOrder & crescendo.FinishOrder.$Shape} FinishOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        FinishOrder.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.FinishOrder();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.committedSteps = value;
                        else
                            delete message.committedSteps;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a FinishOrder message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.FinishOrder
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.FinishOrder} FinishOrder
         */
        FinishOrder.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.FinishOrder)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.FinishOrder: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.FinishOrder();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.committedSteps != null)
                if ($Number(object.committedSteps) !== 0)
                    message.committedSteps = object.committedSteps >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a FinishOrder message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.FinishOrder
         * @static
         * @param {crescendo.FinishOrder} message FinishOrder
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        FinishOrder.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.generation = 0;
                object.committedSteps = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps"))
                object.committedSteps = message.committedSteps;
            return object;
        };

        /**
         * Converts this FinishOrder to JSON.
         * @function toJSON
         * @memberof crescendo.FinishOrder
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        FinishOrder.prototype.toJSON = function() {
            return FinishOrder.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for FinishOrder
         * @function getTypeUrl
         * @memberof crescendo.FinishOrder
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        FinishOrder.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.FinishOrder";
        };

        return FinishOrder;
    })();

    crescendo.StateLease = (function() {

        /**
         * Properties of a StateLease.
         * @typedef {Object} crescendo.StateLease.$Properties
         * @property {number|null} [slot] StateLease slot
         * @property {number|null} [begin] StateLease begin
         * @property {number|null} [end] StateLease end
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StateLease.
         * @memberof crescendo
         * @interface IStateLease
         * @augments crescendo.StateLease.$Properties
         * @deprecated Use crescendo.StateLease.$Properties instead.
         */

        /**
         * Shape of a StateLease.
         * @typedef {crescendo.StateLease.$Properties} crescendo.StateLease.$Shape
         */

        /**
         * Constructs a new StateLease.
         * @memberof crescendo
         * @classdesc Represents a StateLease.
         * @constructor
         * @param {crescendo.StateLease.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StateLease = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StateLease slot.
         * @member {number} slot
         * @memberof crescendo.StateLease
         * @instance
         */
        StateLease.prototype.slot = 0;

        /**
         * StateLease begin.
         * @member {number} begin
         * @memberof crescendo.StateLease
         * @instance
         */
        StateLease.prototype.begin = 0;

        /**
         * StateLease end.
         * @member {number} end
         * @memberof crescendo.StateLease
         * @instance
         */
        StateLease.prototype.end = 0;

        /**
         * Encodes the specified StateLease message. Does not implicitly {@link crescendo.StateLease.verify|verify} messages.
         * @function encode
         * @memberof crescendo.StateLease
         * @static
         * @param {crescendo.StateLease.$Properties} message StateLease message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StateLease.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin") && !$Object.is(message.begin, 0))
                writer.uint32(/* id 2, wireType 1 =*/17).double(message.begin);
            if (message.end != null && $Object.hasOwnProperty.call(message, "end") && !$Object.is(message.end, 0))
                writer.uint32(/* id 3, wireType 1 =*/25).double(message.end);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StateLease message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.StateLease
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.StateLease & crescendo.StateLease.$Shape} StateLease
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StateLease.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.StateLease();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.slot = value;
                        else
                            delete message.slot;
                        continue;
                    }
                case 2: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.begin = value;
                        else
                            delete message.begin;
                        continue;
                    }
                case 3: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.end = value;
                        else
                            delete message.end;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a StateLease message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.StateLease
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.StateLease} StateLease
         */
        StateLease.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.StateLease)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.StateLease: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.StateLease();
            if (object.slot != null)
                if ($Number(object.slot) !== 0)
                    message.slot = object.slot >>> 0;
            if (object.begin != null)
                if (!$Object.is($Number(object.begin), 0))
                    message.begin = $Number(object.begin);
            if (object.end != null)
                if (!$Object.is($Number(object.end), 0))
                    message.end = $Number(object.end);
            return message;
        };

        /**
         * Creates a plain object from a StateLease message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.StateLease
         * @static
         * @param {crescendo.StateLease} message StateLease
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        StateLease.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.slot = 0;
                object.begin = 0;
                object.end = 0;
            }
            if (message.slot != null && $Object.hasOwnProperty.call(message, "slot"))
                object.slot = message.slot;
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin"))
                object.begin = options.json && !$isFinite(message.begin) ? $String(message.begin) : message.begin;
            if (message.end != null && $Object.hasOwnProperty.call(message, "end"))
                object.end = options.json && !$isFinite(message.end) ? $String(message.end) : message.end;
            return object;
        };

        /**
         * Converts this StateLease to JSON.
         * @function toJSON
         * @memberof crescendo.StateLease
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        StateLease.prototype.toJSON = function() {
            return StateLease.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for StateLease
         * @function getTypeUrl
         * @memberof crescendo.StateLease
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        StateLease.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.StateLease";
        };

        return StateLease;
    })();

    crescendo.CheckpointOrder = (function() {

        /**
         * Properties of a CheckpointOrder.
         * @typedef {Object} crescendo.CheckpointOrder.$Properties
         * @property {number|null} [generation] CheckpointOrder generation
         * @property {number|null} [committedSteps] CheckpointOrder committedSteps
         * @property {Array.<crescendo.StateLease.$Properties>|null} [leases] CheckpointOrder leases
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a CheckpointOrder.
         * @memberof crescendo
         * @interface ICheckpointOrder
         * @augments crescendo.CheckpointOrder.$Properties
         * @deprecated Use crescendo.CheckpointOrder.$Properties instead.
         */

        /**
         * Shape of a CheckpointOrder.
         * @typedef {crescendo.CheckpointOrder.$Properties} crescendo.CheckpointOrder.$Shape
         */

        /**
         * Constructs a new CheckpointOrder.
         * @memberof crescendo
         * @classdesc Represents a CheckpointOrder.
         * @constructor
         * @param {crescendo.CheckpointOrder.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const CheckpointOrder = function (properties) {
            this.leases = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * CheckpointOrder generation.
         * @member {number} generation
         * @memberof crescendo.CheckpointOrder
         * @instance
         */
        CheckpointOrder.prototype.generation = 0;

        /**
         * CheckpointOrder committedSteps.
         * @member {number} committedSteps
         * @memberof crescendo.CheckpointOrder
         * @instance
         */
        CheckpointOrder.prototype.committedSteps = 0;

        /**
         * CheckpointOrder leases.
         * @member {Array.<crescendo.StateLease.$Properties>} leases
         * @memberof crescendo.CheckpointOrder
         * @instance
         */
        CheckpointOrder.prototype.leases = $util.emptyArray;

        /**
         * Encodes the specified CheckpointOrder message. Does not implicitly {@link crescendo.CheckpointOrder.verify|verify} messages.
         * @function encode
         * @memberof crescendo.CheckpointOrder
         * @static
         * @param {crescendo.CheckpointOrder.$Properties} message CheckpointOrder message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        CheckpointOrder.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps") && message.committedSteps !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.committedSteps);
            if (message.leases != null && message.leases.length)
                for (let i = 0; i < message.leases.length; ++i)
                    $root.crescendo.StateLease.encode(message.leases[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a CheckpointOrder message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.CheckpointOrder
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.CheckpointOrder & crescendo.CheckpointOrder.$Shape} CheckpointOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        CheckpointOrder.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.CheckpointOrder();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.committedSteps = value;
                        else
                            delete message.committedSteps;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.leases && message.leases.length))
                            message.leases = [];
                        message.leases.push($root.crescendo.StateLease.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a CheckpointOrder message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.CheckpointOrder
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.CheckpointOrder} CheckpointOrder
         */
        CheckpointOrder.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.CheckpointOrder)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.CheckpointOrder: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.CheckpointOrder();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.committedSteps != null)
                if ($Number(object.committedSteps) !== 0)
                    message.committedSteps = object.committedSteps >>> 0;
            if (object.leases) {
                if (!$Array.isArray(object.leases))
                    throw $TypeError(".crescendo.CheckpointOrder.leases: array expected");
                message.leases = $Array(object.leases.length);
                for (let i = 0; i < object.leases.length; ++i) {
                    if (!$util.isObject(object.leases[i]))
                        throw $TypeError(".crescendo.CheckpointOrder.leases: object expected");
                    message.leases[i] = $root.crescendo.StateLease.fromObject(object.leases[i], _depth + 1);
                }
            }
            return message;
        };

        /**
         * Creates a plain object from a CheckpointOrder message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.CheckpointOrder
         * @static
         * @param {crescendo.CheckpointOrder} message CheckpointOrder
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        CheckpointOrder.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.leases = [];
            if (options.defaults) {
                object.generation = 0;
                object.committedSteps = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps"))
                object.committedSteps = message.committedSteps;
            if (message.leases && message.leases.length) {
                object.leases = $Array(message.leases.length);
                for (let j = 0; j < message.leases.length; ++j)
                    object.leases[j] = $root.crescendo.StateLease.toObject(message.leases[j], options, _depth + 1);
            }
            return object;
        };

        /**
         * Converts this CheckpointOrder to JSON.
         * @function toJSON
         * @memberof crescendo.CheckpointOrder
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        CheckpointOrder.prototype.toJSON = function() {
            return CheckpointOrder.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for CheckpointOrder
         * @function getTypeUrl
         * @memberof crescendo.CheckpointOrder
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        CheckpointOrder.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.CheckpointOrder";
        };

        return CheckpointOrder;
    })();

    crescendo.StateBlock = (function() {

        /**
         * Properties of a StateBlock.
         * @typedef {Object} crescendo.StateBlock.$Properties
         * @property {number|null} [committedSteps] StateBlock committedSteps
         * @property {number|null} [index] StateBlock index
         * @property {Uint8Array|null} [sha256] StateBlock sha256
         * @property {Uint8Array|null} [content] StateBlock content
         * @property {number|null} [begin] StateBlock begin
         * @property {number|null} [generation] StateBlock generation
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a StateBlock.
         * @memberof crescendo
         * @interface IStateBlock
         * @augments crescendo.StateBlock.$Properties
         * @deprecated Use crescendo.StateBlock.$Properties instead.
         */

        /**
         * Shape of a StateBlock.
         * @typedef {crescendo.StateBlock.$Properties} crescendo.StateBlock.$Shape
         */

        /**
         * Constructs a new StateBlock.
         * @memberof crescendo
         * @classdesc Represents a StateBlock.
         * @constructor
         * @param {crescendo.StateBlock.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const StateBlock = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * StateBlock committedSteps.
         * @member {number} committedSteps
         * @memberof crescendo.StateBlock
         * @instance
         */
        StateBlock.prototype.committedSteps = 0;

        /**
         * StateBlock index.
         * @member {number} index
         * @memberof crescendo.StateBlock
         * @instance
         */
        StateBlock.prototype.index = 0;

        /**
         * StateBlock sha256.
         * @member {Uint8Array} sha256
         * @memberof crescendo.StateBlock
         * @instance
         */
        StateBlock.prototype.sha256 = $util.newBuffer([]);

        /**
         * StateBlock content.
         * @member {Uint8Array} content
         * @memberof crescendo.StateBlock
         * @instance
         */
        StateBlock.prototype.content = $util.newBuffer([]);

        /**
         * StateBlock begin.
         * @member {number} begin
         * @memberof crescendo.StateBlock
         * @instance
         */
        StateBlock.prototype.begin = 0;

        /**
         * StateBlock generation.
         * @member {number} generation
         * @memberof crescendo.StateBlock
         * @instance
         */
        StateBlock.prototype.generation = 0;

        /**
         * Encodes the specified StateBlock message. Does not implicitly {@link crescendo.StateBlock.verify|verify} messages.
         * @function encode
         * @memberof crescendo.StateBlock
         * @static
         * @param {crescendo.StateBlock.$Properties} message StateBlock message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        StateBlock.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps") && message.committedSteps !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.committedSteps);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.index);
            if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.sha256);
            if (message.content != null && $Object.hasOwnProperty.call(message, "content") && message.content.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.content);
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin") && message.begin !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.begin);
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.generation);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a StateBlock message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.StateBlock
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.StateBlock & crescendo.StateBlock.$Shape} StateBlock
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        StateBlock.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.StateBlock();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.committedSteps = value;
                        else
                            delete message.committedSteps;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.sha256 = value;
                        else
                            delete message.sha256;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.content = value;
                        else
                            delete message.content;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.begin = value;
                        else
                            delete message.begin;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a StateBlock message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.StateBlock
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.StateBlock} StateBlock
         */
        StateBlock.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.StateBlock)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.StateBlock: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.StateBlock();
            if (object.committedSteps != null)
                if ($Number(object.committedSteps) !== 0)
                    message.committedSteps = object.committedSteps >>> 0;
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.sha256 != null)
                if (object.sha256.length)
                    if (typeof object.sha256 === "string")
                        $util.base64.decode(object.sha256, message.sha256 = $util.newBuffer($util.base64.length(object.sha256)), 0);
                    else if (object.sha256.length >= 0)
                        message.sha256 = object.sha256;
            if (object.content != null)
                if (object.content.length)
                    if (typeof object.content === "string")
                        $util.base64.decode(object.content, message.content = $util.newBuffer($util.base64.length(object.content)), 0);
                    else if (object.content.length >= 0)
                        message.content = object.content;
            if (object.begin != null)
                if ($Number(object.begin) !== 0)
                    message.begin = object.begin >>> 0;
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a StateBlock message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.StateBlock
         * @static
         * @param {crescendo.StateBlock} message StateBlock
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        StateBlock.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.committedSteps = 0;
                object.index = 0;
                if (options.bytes === $String)
                    object.sha256 = "";
                else {
                    object.sha256 = [];
                    if (options.bytes !== $Array)
                        object.sha256 = $util.newBuffer(object.sha256);
                }
                if (options.bytes === $String)
                    object.content = "";
                else {
                    object.content = [];
                    if (options.bytes !== $Array)
                        object.content = $util.newBuffer(object.content);
                }
                object.begin = 0;
                object.generation = 0;
            }
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps"))
                object.committedSteps = message.committedSteps;
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256"))
                object.sha256 = options.bytes === $String ? $util.base64.encode(message.sha256, 0, message.sha256.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.sha256) : message.sha256;
            if (message.content != null && $Object.hasOwnProperty.call(message, "content"))
                object.content = options.bytes === $String ? $util.base64.encode(message.content, 0, message.content.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.content) : message.content;
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin"))
                object.begin = message.begin;
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            return object;
        };

        /**
         * Converts this StateBlock to JSON.
         * @function toJSON
         * @memberof crescendo.StateBlock
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        StateBlock.prototype.toJSON = function() {
            return StateBlock.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for StateBlock
         * @function getTypeUrl
         * @memberof crescendo.StateBlock
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        StateBlock.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.StateBlock";
        };

        return StateBlock;
    })();

    crescendo.BlockStored = (function() {

        /**
         * Properties of a BlockStored.
         * @typedef {Object} crescendo.BlockStored.$Properties
         * @property {number|null} [committedSteps] BlockStored committedSteps
         * @property {number|null} [index] BlockStored index
         * @property {boolean|null} [isWanted] BlockStored isWanted
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a BlockStored.
         * @memberof crescendo
         * @interface IBlockStored
         * @augments crescendo.BlockStored.$Properties
         * @deprecated Use crescendo.BlockStored.$Properties instead.
         */

        /**
         * Shape of a BlockStored.
         * @typedef {crescendo.BlockStored.$Properties} crescendo.BlockStored.$Shape
         */

        /**
         * Constructs a new BlockStored.
         * @memberof crescendo
         * @classdesc Represents a BlockStored.
         * @constructor
         * @param {crescendo.BlockStored.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const BlockStored = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * BlockStored committedSteps.
         * @member {number} committedSteps
         * @memberof crescendo.BlockStored
         * @instance
         */
        BlockStored.prototype.committedSteps = 0;

        /**
         * BlockStored index.
         * @member {number} index
         * @memberof crescendo.BlockStored
         * @instance
         */
        BlockStored.prototype.index = 0;

        /**
         * BlockStored isWanted.
         * @member {boolean} isWanted
         * @memberof crescendo.BlockStored
         * @instance
         */
        BlockStored.prototype.isWanted = false;

        /**
         * Encodes the specified BlockStored message. Does not implicitly {@link crescendo.BlockStored.verify|verify} messages.
         * @function encode
         * @memberof crescendo.BlockStored
         * @static
         * @param {crescendo.BlockStored.$Properties} message BlockStored message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        BlockStored.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps") && message.committedSteps !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.committedSteps);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.index);
            if (message.isWanted != null && $Object.hasOwnProperty.call(message, "isWanted") && message.isWanted !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.isWanted);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a BlockStored message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.BlockStored
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.BlockStored & crescendo.BlockStored.$Shape} BlockStored
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        BlockStored.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.BlockStored();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.committedSteps = value;
                        else
                            delete message.committedSteps;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.isWanted = value;
                        else
                            delete message.isWanted;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a BlockStored message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.BlockStored
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.BlockStored} BlockStored
         */
        BlockStored.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.BlockStored)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.BlockStored: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.BlockStored();
            if (object.committedSteps != null)
                if ($Number(object.committedSteps) !== 0)
                    message.committedSteps = object.committedSteps >>> 0;
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.isWanted != null)
                if (object.isWanted)
                    message.isWanted = $Boolean(object.isWanted);
            return message;
        };

        /**
         * Creates a plain object from a BlockStored message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.BlockStored
         * @static
         * @param {crescendo.BlockStored} message BlockStored
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        BlockStored.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.committedSteps = 0;
                object.index = 0;
                object.isWanted = false;
            }
            if (message.committedSteps != null && $Object.hasOwnProperty.call(message, "committedSteps"))
                object.committedSteps = message.committedSteps;
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.isWanted != null && $Object.hasOwnProperty.call(message, "isWanted"))
                object.isWanted = message.isWanted;
            return object;
        };

        /**
         * Converts this BlockStored to JSON.
         * @function toJSON
         * @memberof crescendo.BlockStored
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        BlockStored.prototype.toJSON = function() {
            return BlockStored.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for BlockStored
         * @function getTypeUrl
         * @memberof crescendo.BlockStored
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        BlockStored.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.BlockStored";
        };

        return BlockStored;
    })();

    crescendo.BlockRequest = (function() {

        /**
         * Properties of a BlockRequest.
         * @typedef {Object} crescendo.BlockRequest.$Properties
         * @property {number|null} [generation] BlockRequest generation
         * @property {number|null} [index] BlockRequest index
         * @property {number|null} [begin] BlockRequest begin
         * @property {number|null} [end] BlockRequest end
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a BlockRequest.
         * @memberof crescendo
         * @interface IBlockRequest
         * @augments crescendo.BlockRequest.$Properties
         * @deprecated Use crescendo.BlockRequest.$Properties instead.
         */

        /**
         * Shape of a BlockRequest.
         * @typedef {crescendo.BlockRequest.$Properties} crescendo.BlockRequest.$Shape
         */

        /**
         * Constructs a new BlockRequest.
         * @memberof crescendo
         * @classdesc Represents a BlockRequest.
         * @constructor
         * @param {crescendo.BlockRequest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const BlockRequest = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * BlockRequest generation.
         * @member {number} generation
         * @memberof crescendo.BlockRequest
         * @instance
         */
        BlockRequest.prototype.generation = 0;

        /**
         * BlockRequest index.
         * @member {number} index
         * @memberof crescendo.BlockRequest
         * @instance
         */
        BlockRequest.prototype.index = 0;

        /**
         * BlockRequest begin.
         * @member {number} begin
         * @memberof crescendo.BlockRequest
         * @instance
         */
        BlockRequest.prototype.begin = 0;

        /**
         * BlockRequest end.
         * @member {number} end
         * @memberof crescendo.BlockRequest
         * @instance
         */
        BlockRequest.prototype.end = 0;

        /**
         * Encodes the specified BlockRequest message. Does not implicitly {@link crescendo.BlockRequest.verify|verify} messages.
         * @function encode
         * @memberof crescendo.BlockRequest
         * @static
         * @param {crescendo.BlockRequest.$Properties} message BlockRequest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        BlockRequest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.index);
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin") && message.begin !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.begin);
            if (message.end != null && $Object.hasOwnProperty.call(message, "end") && message.end !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.end);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a BlockRequest message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.BlockRequest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.BlockRequest & crescendo.BlockRequest.$Shape} BlockRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        BlockRequest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.BlockRequest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.begin = value;
                        else
                            delete message.begin;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.end = value;
                        else
                            delete message.end;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a BlockRequest message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.BlockRequest
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.BlockRequest} BlockRequest
         */
        BlockRequest.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.BlockRequest)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.BlockRequest: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.BlockRequest();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.begin != null)
                if ($Number(object.begin) !== 0)
                    message.begin = object.begin >>> 0;
            if (object.end != null)
                if ($Number(object.end) !== 0)
                    message.end = object.end >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a BlockRequest message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.BlockRequest
         * @static
         * @param {crescendo.BlockRequest} message BlockRequest
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        BlockRequest.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.generation = 0;
                object.index = 0;
                object.begin = 0;
                object.end = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin"))
                object.begin = message.begin;
            if (message.end != null && $Object.hasOwnProperty.call(message, "end"))
                object.end = message.end;
            return object;
        };

        /**
         * Converts this BlockRequest to JSON.
         * @function toJSON
         * @memberof crescendo.BlockRequest
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        BlockRequest.prototype.toJSON = function() {
            return BlockRequest.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for BlockRequest
         * @function getTypeUrl
         * @memberof crescendo.BlockRequest
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        BlockRequest.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.BlockRequest";
        };

        return BlockRequest;
    })();

    crescendo.RestoredBlock = (function() {

        /**
         * Properties of a RestoredBlock.
         * @typedef {Object} crescendo.RestoredBlock.$Properties
         * @property {number|null} [generation] RestoredBlock generation
         * @property {number|null} [index] RestoredBlock index
         * @property {Uint8Array|null} [content] RestoredBlock content
         * @property {Uint8Array|null} [sha256] RestoredBlock sha256
         * @property {number|null} [begin] RestoredBlock begin
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RestoredBlock.
         * @memberof crescendo
         * @interface IRestoredBlock
         * @augments crescendo.RestoredBlock.$Properties
         * @deprecated Use crescendo.RestoredBlock.$Properties instead.
         */

        /**
         * Shape of a RestoredBlock.
         * @typedef {crescendo.RestoredBlock.$Properties} crescendo.RestoredBlock.$Shape
         */

        /**
         * Constructs a new RestoredBlock.
         * @memberof crescendo
         * @classdesc Represents a RestoredBlock.
         * @constructor
         * @param {crescendo.RestoredBlock.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RestoredBlock = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RestoredBlock generation.
         * @member {number} generation
         * @memberof crescendo.RestoredBlock
         * @instance
         */
        RestoredBlock.prototype.generation = 0;

        /**
         * RestoredBlock index.
         * @member {number} index
         * @memberof crescendo.RestoredBlock
         * @instance
         */
        RestoredBlock.prototype.index = 0;

        /**
         * RestoredBlock content.
         * @member {Uint8Array} content
         * @memberof crescendo.RestoredBlock
         * @instance
         */
        RestoredBlock.prototype.content = $util.newBuffer([]);

        /**
         * RestoredBlock sha256.
         * @member {Uint8Array} sha256
         * @memberof crescendo.RestoredBlock
         * @instance
         */
        RestoredBlock.prototype.sha256 = $util.newBuffer([]);

        /**
         * RestoredBlock begin.
         * @member {number} begin
         * @memberof crescendo.RestoredBlock
         * @instance
         */
        RestoredBlock.prototype.begin = 0;

        /**
         * Encodes the specified RestoredBlock message. Does not implicitly {@link crescendo.RestoredBlock.verify|verify} messages.
         * @function encode
         * @memberof crescendo.RestoredBlock
         * @static
         * @param {crescendo.RestoredBlock.$Properties} message RestoredBlock message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RestoredBlock.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.index);
            if (message.content != null && $Object.hasOwnProperty.call(message, "content") && message.content.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.content);
            if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.sha256);
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin") && message.begin !== 0)
                writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.begin);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RestoredBlock message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.RestoredBlock
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.RestoredBlock & crescendo.RestoredBlock.$Shape} RestoredBlock
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RestoredBlock.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.RestoredBlock();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.content = value;
                        else
                            delete message.content;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.sha256 = value;
                        else
                            delete message.sha256;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.begin = value;
                        else
                            delete message.begin;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a RestoredBlock message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.RestoredBlock
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.RestoredBlock} RestoredBlock
         */
        RestoredBlock.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.RestoredBlock)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.RestoredBlock: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.RestoredBlock();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.content != null)
                if (object.content.length)
                    if (typeof object.content === "string")
                        $util.base64.decode(object.content, message.content = $util.newBuffer($util.base64.length(object.content)), 0);
                    else if (object.content.length >= 0)
                        message.content = object.content;
            if (object.sha256 != null)
                if (object.sha256.length)
                    if (typeof object.sha256 === "string")
                        $util.base64.decode(object.sha256, message.sha256 = $util.newBuffer($util.base64.length(object.sha256)), 0);
                    else if (object.sha256.length >= 0)
                        message.sha256 = object.sha256;
            if (object.begin != null)
                if ($Number(object.begin) !== 0)
                    message.begin = object.begin >>> 0;
            return message;
        };

        /**
         * Creates a plain object from a RestoredBlock message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.RestoredBlock
         * @static
         * @param {crescendo.RestoredBlock} message RestoredBlock
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        RestoredBlock.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.generation = 0;
                object.index = 0;
                if (options.bytes === $String)
                    object.content = "";
                else {
                    object.content = [];
                    if (options.bytes !== $Array)
                        object.content = $util.newBuffer(object.content);
                }
                if (options.bytes === $String)
                    object.sha256 = "";
                else {
                    object.sha256 = [];
                    if (options.bytes !== $Array)
                        object.sha256 = $util.newBuffer(object.sha256);
                }
                object.begin = 0;
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.content != null && $Object.hasOwnProperty.call(message, "content"))
                object.content = options.bytes === $String ? $util.base64.encode(message.content, 0, message.content.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.content) : message.content;
            if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256"))
                object.sha256 = options.bytes === $String ? $util.base64.encode(message.sha256, 0, message.sha256.length) : options.bytes === $Array ? $Array.prototype.slice.call(message.sha256) : message.sha256;
            if (message.begin != null && $Object.hasOwnProperty.call(message, "begin"))
                object.begin = message.begin;
            return object;
        };

        /**
         * Converts this RestoredBlock to JSON.
         * @function toJSON
         * @memberof crescendo.RestoredBlock
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        RestoredBlock.prototype.toJSON = function() {
            return RestoredBlock.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for RestoredBlock
         * @function getTypeUrl
         * @memberof crescendo.RestoredBlock
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        RestoredBlock.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.RestoredBlock";
        };

        return RestoredBlock;
    })();

    crescendo.Finished = (function() {

        /**
         * Properties of a Finished.
         * @typedef {Object} crescendo.Finished.$Properties
         * @property {number|null} [generation] Finished generation
         * @property {string|null} [weightsSha256] Finished weightsSha256
         * @property {string|null} [emaWeightsSha256] Finished emaWeightsSha256
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Finished.
         * @memberof crescendo
         * @interface IFinished
         * @augments crescendo.Finished.$Properties
         * @deprecated Use crescendo.Finished.$Properties instead.
         */

        /**
         * Shape of a Finished.
         * @typedef {crescendo.Finished.$Properties} crescendo.Finished.$Shape
         */

        /**
         * Constructs a new Finished.
         * @memberof crescendo
         * @classdesc Represents a Finished.
         * @constructor
         * @param {crescendo.Finished.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Finished = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Finished generation.
         * @member {number} generation
         * @memberof crescendo.Finished
         * @instance
         */
        Finished.prototype.generation = 0;

        /**
         * Finished weightsSha256.
         * @member {string} weightsSha256
         * @memberof crescendo.Finished
         * @instance
         */
        Finished.prototype.weightsSha256 = "";

        /**
         * Finished emaWeightsSha256.
         * @member {string} emaWeightsSha256
         * @memberof crescendo.Finished
         * @instance
         */
        Finished.prototype.emaWeightsSha256 = "";

        /**
         * Encodes the specified Finished message. Does not implicitly {@link crescendo.Finished.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Finished
         * @static
         * @param {crescendo.Finished.$Properties} message Finished message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Finished.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation") && message.generation !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.generation);
            if (message.weightsSha256 != null && $Object.hasOwnProperty.call(message, "weightsSha256") && message.weightsSha256 !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.weightsSha256);
            if (message.emaWeightsSha256 != null && $Object.hasOwnProperty.call(message, "emaWeightsSha256") && message.emaWeightsSha256 !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.emaWeightsSha256);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Finished message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Finished
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Finished & crescendo.Finished.$Shape} Finished
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Finished.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Finished();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.generation = value;
                        else
                            delete message.generation;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.weightsSha256 = value;
                        else
                            delete message.weightsSha256;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.emaWeightsSha256 = value;
                        else
                            delete message.emaWeightsSha256;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Finished message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Finished
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Finished} Finished
         */
        Finished.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Finished)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Finished: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Finished();
            if (object.generation != null)
                if ($Number(object.generation) !== 0)
                    message.generation = object.generation >>> 0;
            if (object.weightsSha256 != null)
                if (typeof object.weightsSha256 !== "string" || object.weightsSha256.length)
                    message.weightsSha256 = $String(object.weightsSha256);
            if (object.emaWeightsSha256 != null)
                if (typeof object.emaWeightsSha256 !== "string" || object.emaWeightsSha256.length)
                    message.emaWeightsSha256 = $String(object.emaWeightsSha256);
            return message;
        };

        /**
         * Creates a plain object from a Finished message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Finished
         * @static
         * @param {crescendo.Finished} message Finished
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Finished.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.generation = 0;
                object.weightsSha256 = "";
                object.emaWeightsSha256 = "";
            }
            if (message.generation != null && $Object.hasOwnProperty.call(message, "generation"))
                object.generation = message.generation;
            if (message.weightsSha256 != null && $Object.hasOwnProperty.call(message, "weightsSha256"))
                object.weightsSha256 = message.weightsSha256;
            if (message.emaWeightsSha256 != null && $Object.hasOwnProperty.call(message, "emaWeightsSha256"))
                object.emaWeightsSha256 = message.emaWeightsSha256;
            return object;
        };

        /**
         * Converts this Finished to JSON.
         * @function toJSON
         * @memberof crescendo.Finished
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Finished.prototype.toJSON = function() {
            return Finished.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Finished
         * @function getTypeUrl
         * @memberof crescendo.Finished
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Finished.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Finished";
        };

        return Finished;
    })();

    crescendo.BadSample = (function() {

        /**
         * Properties of a BadSample.
         * @typedef {Object} crescendo.BadSample.$Properties
         * @property {number|null} [index] BadSample index
         * @property {string|null} [name] BadSample name
         * @property {string|null} [reason] BadSample reason
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a BadSample.
         * @memberof crescendo
         * @interface IBadSample
         * @augments crescendo.BadSample.$Properties
         * @deprecated Use crescendo.BadSample.$Properties instead.
         */

        /**
         * Shape of a BadSample.
         * @typedef {crescendo.BadSample.$Properties} crescendo.BadSample.$Shape
         */

        /**
         * Constructs a new BadSample.
         * @memberof crescendo
         * @classdesc Represents a BadSample.
         * @constructor
         * @param {crescendo.BadSample.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const BadSample = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * BadSample index.
         * @member {number} index
         * @memberof crescendo.BadSample
         * @instance
         */
        BadSample.prototype.index = 0;

        /**
         * BadSample name.
         * @member {string} name
         * @memberof crescendo.BadSample
         * @instance
         */
        BadSample.prototype.name = "";

        /**
         * BadSample reason.
         * @member {string} reason
         * @memberof crescendo.BadSample
         * @instance
         */
        BadSample.prototype.reason = "";

        /**
         * Encodes the specified BadSample message. Does not implicitly {@link crescendo.BadSample.verify|verify} messages.
         * @function encode
         * @memberof crescendo.BadSample
         * @static
         * @param {crescendo.BadSample.$Properties} message BadSample message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        BadSample.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.index);
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.name);
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.reason);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a BadSample message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.BadSample
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.BadSample & crescendo.BadSample.$Shape} BadSample
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        BadSample.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.BadSample();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.index = value;
                        else
                            delete message.index;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a BadSample message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.BadSample
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.BadSample} BadSample
         */
        BadSample.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.BadSample)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.BadSample: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.BadSample();
            if (object.index != null)
                if ($Number(object.index) !== 0)
                    message.index = object.index >>> 0;
            if (object.name != null)
                if (typeof object.name !== "string" || object.name.length)
                    message.name = $String(object.name);
            if (object.reason != null)
                if (typeof object.reason !== "string" || object.reason.length)
                    message.reason = $String(object.reason);
            return message;
        };

        /**
         * Creates a plain object from a BadSample message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.BadSample
         * @static
         * @param {crescendo.BadSample} message BadSample
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        BadSample.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.index = 0;
                object.name = "";
                object.reason = "";
            }
            if (message.index != null && $Object.hasOwnProperty.call(message, "index"))
                object.index = message.index;
            if (message.name != null && $Object.hasOwnProperty.call(message, "name"))
                object.name = message.name;
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason"))
                object.reason = message.reason;
            return object;
        };

        /**
         * Converts this BadSample to JSON.
         * @function toJSON
         * @memberof crescendo.BadSample
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        BadSample.prototype.toJSON = function() {
            return BadSample.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for BadSample
         * @function getTypeUrl
         * @memberof crescendo.BadSample
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        BadSample.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.BadSample";
        };

        return BadSample;
    })();

    crescendo.BadSamples = (function() {

        /**
         * Properties of a BadSamples.
         * @typedef {Object} crescendo.BadSamples.$Properties
         * @property {Array.<crescendo.BadSample.$Properties>|null} [samples] BadSamples samples
         * @property {boolean|null} [isFinal] BadSamples isFinal
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a BadSamples.
         * @memberof crescendo
         * @interface IBadSamples
         * @augments crescendo.BadSamples.$Properties
         * @deprecated Use crescendo.BadSamples.$Properties instead.
         */

        /**
         * Shape of a BadSamples.
         * @typedef {crescendo.BadSamples.$Properties} crescendo.BadSamples.$Shape
         */

        /**
         * Constructs a new BadSamples.
         * @memberof crescendo
         * @classdesc Represents a BadSamples.
         * @constructor
         * @param {crescendo.BadSamples.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const BadSamples = function (properties) {
            this.samples = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * BadSamples samples.
         * @member {Array.<crescendo.BadSample.$Properties>} samples
         * @memberof crescendo.BadSamples
         * @instance
         */
        BadSamples.prototype.samples = $util.emptyArray;

        /**
         * BadSamples isFinal.
         * @member {boolean} isFinal
         * @memberof crescendo.BadSamples
         * @instance
         */
        BadSamples.prototype.isFinal = false;

        /**
         * Encodes the specified BadSamples message. Does not implicitly {@link crescendo.BadSamples.verify|verify} messages.
         * @function encode
         * @memberof crescendo.BadSamples
         * @static
         * @param {crescendo.BadSamples.$Properties} message BadSamples message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        BadSamples.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.samples != null && message.samples.length)
                for (let i = 0; i < message.samples.length; ++i)
                    $root.crescendo.BadSample.encode(message.samples[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.isFinal != null && $Object.hasOwnProperty.call(message, "isFinal") && message.isFinal !== false)
                writer.uint32(/* id 2, wireType 0 =*/16).bool(message.isFinal);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a BadSamples message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.BadSamples
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.BadSamples & crescendo.BadSamples.$Shape} BadSamples
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        BadSamples.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.BadSamples();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.samples && message.samples.length))
                            message.samples = [];
                        message.samples.push($root.crescendo.BadSample.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.isFinal = value;
                        else
                            delete message.isFinal;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a BadSamples message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.BadSamples
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.BadSamples} BadSamples
         */
        BadSamples.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.BadSamples)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.BadSamples: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.BadSamples();
            if (object.samples) {
                if (!$Array.isArray(object.samples))
                    throw $TypeError(".crescendo.BadSamples.samples: array expected");
                message.samples = $Array(object.samples.length);
                for (let i = 0; i < object.samples.length; ++i) {
                    if (!$util.isObject(object.samples[i]))
                        throw $TypeError(".crescendo.BadSamples.samples: object expected");
                    message.samples[i] = $root.crescendo.BadSample.fromObject(object.samples[i], _depth + 1);
                }
            }
            if (object.isFinal != null)
                if (object.isFinal)
                    message.isFinal = $Boolean(object.isFinal);
            return message;
        };

        /**
         * Creates a plain object from a BadSamples message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.BadSamples
         * @static
         * @param {crescendo.BadSamples} message BadSamples
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        BadSamples.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.samples = [];
            if (options.defaults)
                object.isFinal = false;
            if (message.samples && message.samples.length) {
                object.samples = $Array(message.samples.length);
                for (let j = 0; j < message.samples.length; ++j)
                    object.samples[j] = $root.crescendo.BadSample.toObject(message.samples[j], options, _depth + 1);
            }
            if (message.isFinal != null && $Object.hasOwnProperty.call(message, "isFinal"))
                object.isFinal = message.isFinal;
            return object;
        };

        /**
         * Converts this BadSamples to JSON.
         * @function toJSON
         * @memberof crescendo.BadSamples
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        BadSamples.prototype.toJSON = function() {
            return BadSamples.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for BadSamples
         * @function getTypeUrl
         * @memberof crescendo.BadSamples
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        BadSamples.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.BadSamples";
        };

        return BadSamples;
    })();

    crescendo.WorkerFailure = (function() {

        /**
         * Properties of a WorkerFailure.
         * @typedef {Object} crescendo.WorkerFailure.$Properties
         * @property {string|null} [code] WorkerFailure code
         * @property {string|null} [message] WorkerFailure message
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a WorkerFailure.
         * @memberof crescendo
         * @interface IWorkerFailure
         * @augments crescendo.WorkerFailure.$Properties
         * @deprecated Use crescendo.WorkerFailure.$Properties instead.
         */

        /**
         * Shape of a WorkerFailure.
         * @typedef {crescendo.WorkerFailure.$Properties} crescendo.WorkerFailure.$Shape
         */

        /**
         * Constructs a new WorkerFailure.
         * @memberof crescendo
         * @classdesc Represents a WorkerFailure.
         * @constructor
         * @param {crescendo.WorkerFailure.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const WorkerFailure = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * WorkerFailure code.
         * @member {string} code
         * @memberof crescendo.WorkerFailure
         * @instance
         */
        WorkerFailure.prototype.code = "";

        /**
         * WorkerFailure message.
         * @member {string} message
         * @memberof crescendo.WorkerFailure
         * @instance
         */
        WorkerFailure.prototype.message = "";

        /**
         * Encodes the specified WorkerFailure message. Does not implicitly {@link crescendo.WorkerFailure.verify|verify} messages.
         * @function encode
         * @memberof crescendo.WorkerFailure
         * @static
         * @param {crescendo.WorkerFailure.$Properties} message WorkerFailure message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        WorkerFailure.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.code);
            if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.message);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a WorkerFailure message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.WorkerFailure
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.WorkerFailure & crescendo.WorkerFailure.$Shape} WorkerFailure
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        WorkerFailure.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.WorkerFailure();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.message = value;
                        else
                            delete message.message;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a WorkerFailure message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.WorkerFailure
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.WorkerFailure} WorkerFailure
         */
        WorkerFailure.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.WorkerFailure)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.WorkerFailure: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.WorkerFailure();
            if (object.code != null)
                if (typeof object.code !== "string" || object.code.length)
                    message.code = $String(object.code);
            if (object.message != null)
                if (typeof object.message !== "string" || object.message.length)
                    message.message = $String(object.message);
            return message;
        };

        /**
         * Creates a plain object from a WorkerFailure message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.WorkerFailure
         * @static
         * @param {crescendo.WorkerFailure} message WorkerFailure
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        WorkerFailure.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.code = "";
                object.message = "";
            }
            if (message.code != null && $Object.hasOwnProperty.call(message, "code"))
                object.code = message.code;
            if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                object.message = message.message;
            return object;
        };

        /**
         * Converts this WorkerFailure to JSON.
         * @function toJSON
         * @memberof crescendo.WorkerFailure
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        WorkerFailure.prototype.toJSON = function() {
            return WorkerFailure.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for WorkerFailure
         * @function getTypeUrl
         * @memberof crescendo.WorkerFailure
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        WorkerFailure.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.WorkerFailure";
        };

        return WorkerFailure;
    })();

    crescendo.DrainRequest = (function() {

        /**
         * Properties of a DrainRequest.
         * @typedef {Object} crescendo.DrainRequest.$Properties
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a DrainRequest.
         * @memberof crescendo
         * @interface IDrainRequest
         * @augments crescendo.DrainRequest.$Properties
         * @deprecated Use crescendo.DrainRequest.$Properties instead.
         */

        /**
         * Shape of a DrainRequest.
         * @typedef {crescendo.DrainRequest.$Properties} crescendo.DrainRequest.$Shape
         */

        /**
         * Constructs a new DrainRequest.
         * @memberof crescendo
         * @classdesc Represents a DrainRequest.
         * @constructor
         * @param {crescendo.DrainRequest.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const DrainRequest = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Encodes the specified DrainRequest message. Does not implicitly {@link crescendo.DrainRequest.verify|verify} messages.
         * @function encode
         * @memberof crescendo.DrainRequest
         * @static
         * @param {crescendo.DrainRequest.$Properties} message DrainRequest message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        DrainRequest.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a DrainRequest message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.DrainRequest
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.DrainRequest & crescendo.DrainRequest.$Shape} DrainRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        DrainRequest.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.DrainRequest();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                reader.skipType(tag & 7, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a DrainRequest message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.DrainRequest
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.DrainRequest} DrainRequest
         */
        DrainRequest.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.DrainRequest)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.DrainRequest: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            return new $root.crescendo.DrainRequest();
        };

        /**
         * Creates a plain object from a DrainRequest message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.DrainRequest
         * @static
         * @param {crescendo.DrainRequest} message DrainRequest
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        DrainRequest.toObject = function () {
            return {};
        };

        /**
         * Converts this DrainRequest to JSON.
         * @function toJSON
         * @memberof crescendo.DrainRequest
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        DrainRequest.prototype.toJSON = function() {
            return DrainRequest.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for DrainRequest
         * @function getTypeUrl
         * @memberof crescendo.DrainRequest
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        DrainRequest.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.DrainRequest";
        };

        return DrainRequest;
    })();

    crescendo.Prepared = (function() {

        /**
         * Properties of a Prepared.
         * @typedef {Object} crescendo.Prepared.$Properties
         * @property {string|null} [engineDescription] Prepared engineDescription
         * @property {number|null} [totalElements] Prepared totalElements
         * @property {number|null} [stateElements] Prepared stateElements
         * @property {crescendo.HeldState.$Properties|null} [held] Prepared held
         * @property {crescendo.DatasetIdentity.$Properties|null} [dataset] Prepared dataset
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Prepared.
         * @memberof crescendo
         * @interface IPrepared
         * @augments crescendo.Prepared.$Properties
         * @deprecated Use crescendo.Prepared.$Properties instead.
         */

        /**
         * Shape of a Prepared.
         * @typedef {crescendo.Prepared.$Properties} crescendo.Prepared.$Shape
         */

        /**
         * Constructs a new Prepared.
         * @memberof crescendo
         * @classdesc Represents a Prepared.
         * @constructor
         * @param {crescendo.Prepared.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Prepared = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Prepared engineDescription.
         * @member {string} engineDescription
         * @memberof crescendo.Prepared
         * @instance
         */
        Prepared.prototype.engineDescription = "";

        /**
         * Prepared totalElements.
         * @member {number} totalElements
         * @memberof crescendo.Prepared
         * @instance
         */
        Prepared.prototype.totalElements = 0;

        /**
         * Prepared stateElements.
         * @member {number} stateElements
         * @memberof crescendo.Prepared
         * @instance
         */
        Prepared.prototype.stateElements = 0;

        /**
         * Prepared held.
         * @member {crescendo.HeldState.$Properties|null|undefined} held
         * @memberof crescendo.Prepared
         * @instance
         */
        Prepared.prototype.held = null;

        /**
         * Prepared dataset.
         * @member {crescendo.DatasetIdentity.$Properties|null|undefined} dataset
         * @memberof crescendo.Prepared
         * @instance
         */
        Prepared.prototype.dataset = null;

        /**
         * Encodes the specified Prepared message. Does not implicitly {@link crescendo.Prepared.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Prepared
         * @static
         * @param {crescendo.Prepared.$Properties} message Prepared message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Prepared.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.engineDescription != null && $Object.hasOwnProperty.call(message, "engineDescription") && message.engineDescription !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.engineDescription);
            if (message.totalElements != null && $Object.hasOwnProperty.call(message, "totalElements") && !$Object.is(message.totalElements, 0))
                writer.uint32(/* id 2, wireType 1 =*/17).double(message.totalElements);
            if (message.stateElements != null && $Object.hasOwnProperty.call(message, "stateElements") && !$Object.is(message.stateElements, 0))
                writer.uint32(/* id 3, wireType 1 =*/25).double(message.stateElements);
            if (message.held != null && $Object.hasOwnProperty.call(message, "held"))
                $root.crescendo.HeldState.encode(message.held, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.dataset != null && $Object.hasOwnProperty.call(message, "dataset"))
                $root.crescendo.DatasetIdentity.encode(message.dataset, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Prepared message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Prepared
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Prepared & crescendo.Prepared.$Shape} Prepared
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Prepared.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Prepared();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.engineDescription = value;
                        else
                            delete message.engineDescription;
                        continue;
                    }
                case 2: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.totalElements = value;
                        else
                            delete message.totalElements;
                        continue;
                    }
                case 3: {
                        if (wireType !== 1)
                            break;
                        if (!$Object.is(value = reader.double(), 0))
                            message.stateElements = value;
                        else
                            delete message.stateElements;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.held = $root.crescendo.HeldState.decode(reader, reader.size(), $undefined, _depth + 1, message.held);
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.dataset = $root.crescendo.DatasetIdentity.decode(reader, reader.size(), $undefined, _depth + 1, message.dataset);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Prepared message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Prepared
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Prepared} Prepared
         */
        Prepared.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Prepared)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Prepared: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Prepared();
            if (object.engineDescription != null)
                if (typeof object.engineDescription !== "string" || object.engineDescription.length)
                    message.engineDescription = $String(object.engineDescription);
            if (object.totalElements != null)
                if (!$Object.is($Number(object.totalElements), 0))
                    message.totalElements = $Number(object.totalElements);
            if (object.stateElements != null)
                if (!$Object.is($Number(object.stateElements), 0))
                    message.stateElements = $Number(object.stateElements);
            if (object.held != null) {
                if (!$util.isObject(object.held))
                    throw $TypeError(".crescendo.Prepared.held: object expected");
                message.held = $root.crescendo.HeldState.fromObject(object.held, _depth + 1);
            }
            if (object.dataset != null) {
                if (!$util.isObject(object.dataset))
                    throw $TypeError(".crescendo.Prepared.dataset: object expected");
                message.dataset = $root.crescendo.DatasetIdentity.fromObject(object.dataset, _depth + 1);
            }
            return message;
        };

        /**
         * Creates a plain object from a Prepared message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Prepared
         * @static
         * @param {crescendo.Prepared} message Prepared
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Prepared.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.engineDescription = "";
                object.totalElements = 0;
                object.stateElements = 0;
                object.held = null;
                object.dataset = null;
            }
            if (message.engineDescription != null && $Object.hasOwnProperty.call(message, "engineDescription"))
                object.engineDescription = message.engineDescription;
            if (message.totalElements != null && $Object.hasOwnProperty.call(message, "totalElements"))
                object.totalElements = options.json && !$isFinite(message.totalElements) ? $String(message.totalElements) : message.totalElements;
            if (message.stateElements != null && $Object.hasOwnProperty.call(message, "stateElements"))
                object.stateElements = options.json && !$isFinite(message.stateElements) ? $String(message.stateElements) : message.stateElements;
            if (message.held != null && $Object.hasOwnProperty.call(message, "held"))
                object.held = $root.crescendo.HeldState.toObject(message.held, options, _depth + 1);
            if (message.dataset != null && $Object.hasOwnProperty.call(message, "dataset"))
                object.dataset = $root.crescendo.DatasetIdentity.toObject(message.dataset, options, _depth + 1);
            return object;
        };

        /**
         * Converts this Prepared to JSON.
         * @function toJSON
         * @memberof crescendo.Prepared
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Prepared.prototype.toJSON = function() {
            return Prepared.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Prepared
         * @function getTypeUrl
         * @memberof crescendo.Prepared
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Prepared.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Prepared";
        };

        return Prepared;
    })();

    crescendo.DatasetIdentity = (function() {

        /**
         * Properties of a DatasetIdentity.
         * @typedef {Object} crescendo.DatasetIdentity.$Properties
         * @property {number|null} [trainSampleCount] DatasetIdentity trainSampleCount
         * @property {number|null} [validationSampleCount] DatasetIdentity validationSampleCount
         * @property {number|null} [classCount] DatasetIdentity classCount
         * @property {Array.<string>|null} [classNames] DatasetIdentity classNames
         * @property {string|null} [classNamesSha256] DatasetIdentity classNamesSha256
         * @property {string|null} [filesSha256] DatasetIdentity filesSha256
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a DatasetIdentity.
         * @memberof crescendo
         * @interface IDatasetIdentity
         * @augments crescendo.DatasetIdentity.$Properties
         * @deprecated Use crescendo.DatasetIdentity.$Properties instead.
         */

        /**
         * Shape of a DatasetIdentity.
         * @typedef {crescendo.DatasetIdentity.$Properties} crescendo.DatasetIdentity.$Shape
         */

        /**
         * Constructs a new DatasetIdentity.
         * @memberof crescendo
         * @classdesc Represents a DatasetIdentity.
         * @constructor
         * @param {crescendo.DatasetIdentity.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const DatasetIdentity = function (properties) {
            this.classNames = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * DatasetIdentity trainSampleCount.
         * @member {number} trainSampleCount
         * @memberof crescendo.DatasetIdentity
         * @instance
         */
        DatasetIdentity.prototype.trainSampleCount = 0;

        /**
         * DatasetIdentity validationSampleCount.
         * @member {number} validationSampleCount
         * @memberof crescendo.DatasetIdentity
         * @instance
         */
        DatasetIdentity.prototype.validationSampleCount = 0;

        /**
         * DatasetIdentity classCount.
         * @member {number} classCount
         * @memberof crescendo.DatasetIdentity
         * @instance
         */
        DatasetIdentity.prototype.classCount = 0;

        /**
         * DatasetIdentity classNames.
         * @member {Array.<string>} classNames
         * @memberof crescendo.DatasetIdentity
         * @instance
         */
        DatasetIdentity.prototype.classNames = $util.emptyArray;

        /**
         * DatasetIdentity classNamesSha256.
         * @member {string} classNamesSha256
         * @memberof crescendo.DatasetIdentity
         * @instance
         */
        DatasetIdentity.prototype.classNamesSha256 = "";

        /**
         * DatasetIdentity filesSha256.
         * @member {string} filesSha256
         * @memberof crescendo.DatasetIdentity
         * @instance
         */
        DatasetIdentity.prototype.filesSha256 = "";

        /**
         * Encodes the specified DatasetIdentity message. Does not implicitly {@link crescendo.DatasetIdentity.verify|verify} messages.
         * @function encode
         * @memberof crescendo.DatasetIdentity
         * @static
         * @param {crescendo.DatasetIdentity.$Properties} message DatasetIdentity message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        DatasetIdentity.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.trainSampleCount != null && $Object.hasOwnProperty.call(message, "trainSampleCount") && message.trainSampleCount !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.trainSampleCount);
            if (message.validationSampleCount != null && $Object.hasOwnProperty.call(message, "validationSampleCount") && message.validationSampleCount !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.validationSampleCount);
            if (message.classCount != null && $Object.hasOwnProperty.call(message, "classCount") && message.classCount !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.classCount);
            if (message.classNames != null && message.classNames.length)
                for (let i = 0; i < message.classNames.length; ++i)
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.classNames[i]);
            if (message.classNamesSha256 != null && $Object.hasOwnProperty.call(message, "classNamesSha256") && message.classNamesSha256 !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.classNamesSha256);
            if (message.filesSha256 != null && $Object.hasOwnProperty.call(message, "filesSha256") && message.filesSha256 !== "")
                writer.uint32(/* id 6, wireType 2 =*/50).string(message.filesSha256);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a DatasetIdentity message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.DatasetIdentity
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.DatasetIdentity & crescendo.DatasetIdentity.$Shape} DatasetIdentity
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        DatasetIdentity.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.DatasetIdentity();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.trainSampleCount = value;
                        else
                            delete message.trainSampleCount;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.validationSampleCount = value;
                        else
                            delete message.validationSampleCount;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.classCount = value;
                        else
                            delete message.classCount;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.classNames && message.classNames.length))
                            message.classNames = [];
                        message.classNames.push(reader.stringVerify());
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.classNamesSha256 = value;
                        else
                            delete message.classNamesSha256;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.filesSha256 = value;
                        else
                            delete message.filesSha256;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a DatasetIdentity message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.DatasetIdentity
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.DatasetIdentity} DatasetIdentity
         */
        DatasetIdentity.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.DatasetIdentity)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.DatasetIdentity: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.DatasetIdentity();
            if (object.trainSampleCount != null)
                if ($Number(object.trainSampleCount) !== 0)
                    message.trainSampleCount = object.trainSampleCount >>> 0;
            if (object.validationSampleCount != null)
                if ($Number(object.validationSampleCount) !== 0)
                    message.validationSampleCount = object.validationSampleCount >>> 0;
            if (object.classCount != null)
                if ($Number(object.classCount) !== 0)
                    message.classCount = object.classCount >>> 0;
            if (object.classNames) {
                if (!$Array.isArray(object.classNames))
                    throw $TypeError(".crescendo.DatasetIdentity.classNames: array expected");
                message.classNames = $Array(object.classNames.length);
                for (let i = 0; i < object.classNames.length; ++i)
                    message.classNames[i] = $String(object.classNames[i]);
            }
            if (object.classNamesSha256 != null)
                if (typeof object.classNamesSha256 !== "string" || object.classNamesSha256.length)
                    message.classNamesSha256 = $String(object.classNamesSha256);
            if (object.filesSha256 != null)
                if (typeof object.filesSha256 !== "string" || object.filesSha256.length)
                    message.filesSha256 = $String(object.filesSha256);
            return message;
        };

        /**
         * Creates a plain object from a DatasetIdentity message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.DatasetIdentity
         * @static
         * @param {crescendo.DatasetIdentity} message DatasetIdentity
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        DatasetIdentity.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.classNames = [];
            if (options.defaults) {
                object.trainSampleCount = 0;
                object.validationSampleCount = 0;
                object.classCount = 0;
                object.classNamesSha256 = "";
                object.filesSha256 = "";
            }
            if (message.trainSampleCount != null && $Object.hasOwnProperty.call(message, "trainSampleCount"))
                object.trainSampleCount = message.trainSampleCount;
            if (message.validationSampleCount != null && $Object.hasOwnProperty.call(message, "validationSampleCount"))
                object.validationSampleCount = message.validationSampleCount;
            if (message.classCount != null && $Object.hasOwnProperty.call(message, "classCount"))
                object.classCount = message.classCount;
            if (message.classNames && message.classNames.length) {
                object.classNames = $Array(message.classNames.length);
                for (let j = 0; j < message.classNames.length; ++j)
                    object.classNames[j] = message.classNames[j];
            }
            if (message.classNamesSha256 != null && $Object.hasOwnProperty.call(message, "classNamesSha256"))
                object.classNamesSha256 = message.classNamesSha256;
            if (message.filesSha256 != null && $Object.hasOwnProperty.call(message, "filesSha256"))
                object.filesSha256 = message.filesSha256;
            return object;
        };

        /**
         * Converts this DatasetIdentity to JSON.
         * @function toJSON
         * @memberof crescendo.DatasetIdentity
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        DatasetIdentity.prototype.toJSON = function() {
            return DatasetIdentity.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for DatasetIdentity
         * @function getTypeUrl
         * @memberof crescendo.DatasetIdentity
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        DatasetIdentity.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.DatasetIdentity";
        };

        return DatasetIdentity;
    })();

    crescendo.HeldState = (function() {

        /**
         * Properties of a HeldState.
         * @typedef {Object} crescendo.HeldState.$Properties
         * @property {number|null} [history] HeldState history
         * @property {number|null} [appliedSteps] HeldState appliedSteps
         * @property {number|null} [reducedSteps] HeldState reducedSteps
         * @property {number|null} [reducedChecksum] HeldState reducedChecksum
         * @property {Array.<number>|null} [shardGenerations] HeldState shardGenerations
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a HeldState.
         * @memberof crescendo
         * @interface IHeldState
         * @augments crescendo.HeldState.$Properties
         * @deprecated Use crescendo.HeldState.$Properties instead.
         */

        /**
         * Shape of a HeldState.
         * @typedef {crescendo.HeldState.$Properties} crescendo.HeldState.$Shape
         */

        /**
         * Constructs a new HeldState.
         * @memberof crescendo
         * @classdesc Represents a HeldState.
         * @constructor
         * @param {crescendo.HeldState.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const HeldState = function (properties) {
            this.shardGenerations = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * HeldState history.
         * @member {number} history
         * @memberof crescendo.HeldState
         * @instance
         */
        HeldState.prototype.history = 0;

        /**
         * HeldState appliedSteps.
         * @member {number} appliedSteps
         * @memberof crescendo.HeldState
         * @instance
         */
        HeldState.prototype.appliedSteps = 0;

        /**
         * HeldState reducedSteps.
         * @member {number} reducedSteps
         * @memberof crescendo.HeldState
         * @instance
         */
        HeldState.prototype.reducedSteps = 0;

        /**
         * HeldState reducedChecksum.
         * @member {number} reducedChecksum
         * @memberof crescendo.HeldState
         * @instance
         */
        HeldState.prototype.reducedChecksum = 0;

        /**
         * HeldState shardGenerations.
         * @member {Array.<number>} shardGenerations
         * @memberof crescendo.HeldState
         * @instance
         */
        HeldState.prototype.shardGenerations = $util.emptyArray;

        /**
         * Encodes the specified HeldState message. Does not implicitly {@link crescendo.HeldState.verify|verify} messages.
         * @function encode
         * @memberof crescendo.HeldState
         * @static
         * @param {crescendo.HeldState.$Properties} message HeldState message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        HeldState.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.history != null && $Object.hasOwnProperty.call(message, "history") && message.history !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.history);
            if (message.appliedSteps != null && $Object.hasOwnProperty.call(message, "appliedSteps") && message.appliedSteps !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.appliedSteps);
            if (message.reducedSteps != null && $Object.hasOwnProperty.call(message, "reducedSteps") && message.reducedSteps !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.reducedSteps);
            if (message.reducedChecksum != null && $Object.hasOwnProperty.call(message, "reducedChecksum") && message.reducedChecksum !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.reducedChecksum);
            if (message.shardGenerations != null && message.shardGenerations.length)
                writer.uint32(/* id 5, wireType 2 =*/42).uint32s(message.shardGenerations);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a HeldState message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.HeldState
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.HeldState & crescendo.HeldState.$Shape} HeldState
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        HeldState.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.HeldState();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.history = value;
                        else
                            delete message.history;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.appliedSteps = value;
                        else
                            delete message.appliedSteps;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.reducedSteps = value;
                        else
                            delete message.reducedSteps;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.reducedChecksum = value;
                        else
                            delete message.reducedChecksum;
                        continue;
                    }
                case 5: {
                        if (wireType === 2) {
                            if (!(message.shardGenerations && message.shardGenerations.length))
                                message.shardGenerations = [];
                            reader.uint32s(message.shardGenerations);
                            continue;
                        }
                        if (wireType !== 0)
                            break;
                        if (!(message.shardGenerations && message.shardGenerations.length))
                            message.shardGenerations = [];
                        message.shardGenerations.push(reader.uint32());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a HeldState message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.HeldState
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.HeldState} HeldState
         */
        HeldState.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.HeldState)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.HeldState: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.HeldState();
            if (object.history != null)
                if ($Number(object.history) !== 0)
                    message.history = object.history >>> 0;
            if (object.appliedSteps != null)
                if ($Number(object.appliedSteps) !== 0)
                    message.appliedSteps = object.appliedSteps >>> 0;
            if (object.reducedSteps != null)
                if ($Number(object.reducedSteps) !== 0)
                    message.reducedSteps = object.reducedSteps >>> 0;
            if (object.reducedChecksum != null)
                if ($Number(object.reducedChecksum) !== 0)
                    message.reducedChecksum = object.reducedChecksum >>> 0;
            if (object.shardGenerations) {
                if (!$Array.isArray(object.shardGenerations))
                    throw $TypeError(".crescendo.HeldState.shardGenerations: array expected");
                message.shardGenerations = $Array(object.shardGenerations.length);
                for (let i = 0; i < object.shardGenerations.length; ++i)
                    message.shardGenerations[i] = object.shardGenerations[i] >>> 0;
            }
            return message;
        };

        /**
         * Creates a plain object from a HeldState message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.HeldState
         * @static
         * @param {crescendo.HeldState} message HeldState
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        HeldState.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.arrays || options.defaults)
                object.shardGenerations = [];
            if (options.defaults) {
                object.history = 0;
                object.appliedSteps = 0;
                object.reducedSteps = 0;
                object.reducedChecksum = 0;
            }
            if (message.history != null && $Object.hasOwnProperty.call(message, "history"))
                object.history = message.history;
            if (message.appliedSteps != null && $Object.hasOwnProperty.call(message, "appliedSteps"))
                object.appliedSteps = message.appliedSteps;
            if (message.reducedSteps != null && $Object.hasOwnProperty.call(message, "reducedSteps"))
                object.reducedSteps = message.reducedSteps;
            if (message.reducedChecksum != null && $Object.hasOwnProperty.call(message, "reducedChecksum"))
                object.reducedChecksum = message.reducedChecksum;
            if (message.shardGenerations && message.shardGenerations.length) {
                object.shardGenerations = $Array(message.shardGenerations.length);
                for (let j = 0; j < message.shardGenerations.length; ++j)
                    object.shardGenerations[j] = message.shardGenerations[j];
            }
            return object;
        };

        /**
         * Converts this HeldState to JSON.
         * @function toJSON
         * @memberof crescendo.HeldState
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        HeldState.prototype.toJSON = function() {
            return HeldState.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for HeldState
         * @function getTypeUrl
         * @memberof crescendo.HeldState
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        HeldState.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.HeldState";
        };

        return HeldState;
    })();

    crescendo.Released = (function() {

        /**
         * Properties of a Released.
         * @typedef {Object} crescendo.Released.$Properties
         * @property {boolean|null} [runSucceeded] Released runSucceeded
         * @property {string|null} [reason] Released reason
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Released.
         * @memberof crescendo
         * @interface IReleased
         * @augments crescendo.Released.$Properties
         * @deprecated Use crescendo.Released.$Properties instead.
         */

        /**
         * Shape of a Released.
         * @typedef {crescendo.Released.$Properties} crescendo.Released.$Shape
         */

        /**
         * Constructs a new Released.
         * @memberof crescendo
         * @classdesc Represents a Released.
         * @constructor
         * @param {crescendo.Released.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Released = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Released runSucceeded.
         * @member {boolean} runSucceeded
         * @memberof crescendo.Released
         * @instance
         */
        Released.prototype.runSucceeded = false;

        /**
         * Released reason.
         * @member {string} reason
         * @memberof crescendo.Released
         * @instance
         */
        Released.prototype.reason = "";

        /**
         * Encodes the specified Released message. Does not implicitly {@link crescendo.Released.verify|verify} messages.
         * @function encode
         * @memberof crescendo.Released
         * @static
         * @param {crescendo.Released.$Properties} message Released message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Released.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.runSucceeded != null && $Object.hasOwnProperty.call(message, "runSucceeded") && message.runSucceeded !== false)
                writer.uint32(/* id 1, wireType 0 =*/8).bool(message.runSucceeded);
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.reason);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Released message from the specified reader or buffer.
         * @function decode
         * @memberof crescendo.Released
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {crescendo.Released & crescendo.Released.$Shape} Released
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Released.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.crescendo.Released();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.runSucceeded = value;
                        else
                            delete message.runSucceeded;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        /**
         * Creates a Released message from a plain object. Also converts values to their respective internal types.
         * @function fromObject
         * @memberof crescendo.Released
         * @static
         * @param {Object.<string,*>} object Plain object
         * @returns {crescendo.Released} Released
         */
        Released.fromObject = function (object, _depth) {
            if (object instanceof $root.crescendo.Released)
                return object;
            if (!$util.isObject(object))
                throw $TypeError(".crescendo.Released: object expected");
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let message = new $root.crescendo.Released();
            if (object.runSucceeded != null)
                if (object.runSucceeded)
                    message.runSucceeded = $Boolean(object.runSucceeded);
            if (object.reason != null)
                if (typeof object.reason !== "string" || object.reason.length)
                    message.reason = $String(object.reason);
            return message;
        };

        /**
         * Creates a plain object from a Released message. Also converts values to other types if specified.
         * @function toObject
         * @memberof crescendo.Released
         * @static
         * @param {crescendo.Released} message Released
         * @param {$protobuf.IConversionOptions} [options] Conversion options
         * @returns {Object.<string,*>} Plain object
         */
        Released.toObject = function (message, options, _depth) {
            if (!options)
                options = {};
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            let object = {};
            if (options.defaults) {
                object.runSucceeded = false;
                object.reason = "";
            }
            if (message.runSucceeded != null && $Object.hasOwnProperty.call(message, "runSucceeded"))
                object.runSucceeded = message.runSucceeded;
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason"))
                object.reason = message.reason;
            return object;
        };

        /**
         * Converts this Released to JSON.
         * @function toJSON
         * @memberof crescendo.Released
         * @instance
         * @returns {Object.<string,*>} JSON object
         */
        Released.prototype.toJSON = function() {
            return Released.toObject(this, $protobuf.util.toJSONOptions);
        };

        /**
         * Gets the type url for Released
         * @function getTypeUrl
         * @memberof crescendo.Released
         * @static
         * @param {string} [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns {string} The type url
         */
        Released.getTypeUrl = function(prefix) {
            if (prefix === $undefined)
                prefix = "type.googleapis.com";
            return prefix + "/crescendo.Released";
        };

        return Released;
    })();

    return crescendo;
})();

export {
  $root as default
};
