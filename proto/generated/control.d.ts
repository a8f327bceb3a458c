import * as $protobuf from "protobufjs";
import Long = require("long");

/** Namespace crescendo. */
export namespace crescendo {

    /**
     * Properties of a WorkerMessage.
     * @deprecated Use crescendo.WorkerMessage.$Properties instead.
     */
    interface IWorkerMessage extends crescendo.WorkerMessage.$Properties {
    }

    /** Represents a WorkerMessage. */
    class WorkerMessage {

        /**
         * Constructs a new WorkerMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.WorkerMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** WorkerMessage hello. */
        hello?: (crescendo.Hello.$Properties|null);

        /** WorkerMessage linksReady. */
        linksReady?: (crescendo.LinksReady.$Properties|null);

        /** WorkerMessage heartbeat. */
        heartbeat?: (crescendo.Heartbeat.$Properties|null);

        /** WorkerMessage stepReduced. */
        stepReduced?: (crescendo.StepReduced.$Properties|null);

        /** WorkerMessage evaluationDone. */
        evaluationDone?: (crescendo.EvaluationDone.$Properties|null);

        /** WorkerMessage finished. */
        finished?: (crescendo.Finished.$Properties|null);

        /** WorkerMessage failure. */
        failure?: (crescendo.WorkerFailure.$Properties|null);

        /** WorkerMessage drainRequest. */
        drainRequest?: (crescendo.DrainRequest.$Properties|null);

        /** WorkerMessage prepared. */
        prepared?: (crescendo.Prepared.$Properties|null);

        /** WorkerMessage stateBlock. */
        stateBlock?: (crescendo.StateBlock.$Properties|null);

        /** WorkerMessage blockRequest. */
        blockRequest?: (crescendo.BlockRequest.$Properties|null);

        /** WorkerMessage stateHeld. */
        stateHeld?: (crescendo.StateHeld.$Properties|null);

        /** WorkerMessage badSamples. */
        badSamples?: (crescendo.BadSamples.$Properties|null);

        /** WorkerMessage body. */
        body?: ("hello"|"linksReady"|"heartbeat"|"stepReduced"|"evaluationDone"|"finished"|"failure"|"drainRequest"|"prepared"|"stateBlock"|"blockRequest"|"stateHeld"|"badSamples");

        /**
         * Encodes the specified WorkerMessage message. Does not implicitly {@link crescendo.WorkerMessage.verify|verify} messages.
         * @param message WorkerMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.WorkerMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a WorkerMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.WorkerMessage & crescendo.WorkerMessage.$Shape} WorkerMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.WorkerMessage & crescendo.WorkerMessage.$Shape;

        /**
         * Creates a WorkerMessage message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns WorkerMessage
         */
        static fromObject(object: { [k: string]: any }): crescendo.WorkerMessage;

        /**
         * Creates a plain object from a WorkerMessage message. Also converts values to other types if specified.
         * @param message WorkerMessage
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.WorkerMessage, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this WorkerMessage to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for WorkerMessage
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace WorkerMessage {

        /** Properties of a WorkerMessage. */
        interface $Properties {

            /** WorkerMessage hello */
            hello?: (crescendo.Hello.$Properties|null);

            /** WorkerMessage linksReady */
            linksReady?: (crescendo.LinksReady.$Properties|null);

            /** WorkerMessage heartbeat */
            heartbeat?: (crescendo.Heartbeat.$Properties|null);

            /** WorkerMessage stepReduced */
            stepReduced?: (crescendo.StepReduced.$Properties|null);

            /** WorkerMessage evaluationDone */
            evaluationDone?: (crescendo.EvaluationDone.$Properties|null);

            /** WorkerMessage finished */
            finished?: (crescendo.Finished.$Properties|null);

            /** WorkerMessage failure */
            failure?: (crescendo.WorkerFailure.$Properties|null);

            /** WorkerMessage drainRequest */
            drainRequest?: (crescendo.DrainRequest.$Properties|null);

            /** WorkerMessage prepared */
            prepared?: (crescendo.Prepared.$Properties|null);

            /** WorkerMessage stateBlock */
            stateBlock?: (crescendo.StateBlock.$Properties|null);

            /** WorkerMessage blockRequest */
            blockRequest?: (crescendo.BlockRequest.$Properties|null);

            /** WorkerMessage stateHeld */
            stateHeld?: (crescendo.StateHeld.$Properties|null);

            /** WorkerMessage badSamples */
            badSamples?: (crescendo.BadSamples.$Properties|null);

            /** WorkerMessage body */
            body?: ("hello"|"linksReady"|"heartbeat"|"stepReduced"|"evaluationDone"|"finished"|"failure"|"drainRequest"|"prepared"|"stateBlock"|"blockRequest"|"stateHeld"|"badSamples");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a WorkerMessage. */
        type $Shape = {
          hello?: crescendo.Hello.$Shape|null;
          linksReady?: crescendo.LinksReady.$Shape|null;
          heartbeat?: crescendo.Heartbeat.$Shape|null;
          stepReduced?: crescendo.StepReduced.$Shape|null;
          evaluationDone?: crescendo.EvaluationDone.$Shape|null;
          finished?: crescendo.Finished.$Shape|null;
          failure?: crescendo.WorkerFailure.$Shape|null;
          drainRequest?: crescendo.DrainRequest.$Shape|null;
          prepared?: crescendo.Prepared.$Shape|null;
          stateBlock?: crescendo.StateBlock.$Shape|null;
          blockRequest?: crescendo.BlockRequest.$Shape|null;
          stateHeld?: crescendo.StateHeld.$Shape|null;
          badSamples?: crescendo.BadSamples.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ body?: undefined; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "hello"; hello: crescendo.Hello.$Shape; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "linksReady"; hello?: null; linksReady: crescendo.LinksReady.$Shape; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "heartbeat"; hello?: null; linksReady?: null; heartbeat: crescendo.Heartbeat.$Shape; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "stepReduced"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced: crescendo.StepReduced.$Shape; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "evaluationDone"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone: crescendo.EvaluationDone.$Shape; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "finished"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished: crescendo.Finished.$Shape; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "failure"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure: crescendo.WorkerFailure.$Shape; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "drainRequest"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest: crescendo.DrainRequest.$Shape; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "prepared"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared: crescendo.Prepared.$Shape; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "stateBlock"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock: crescendo.StateBlock.$Shape; blockRequest?: null; stateHeld?: null; badSamples?: null }|{ body?: "blockRequest"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest: crescendo.BlockRequest.$Shape; stateHeld?: null; badSamples?: null }|{ body?: "stateHeld"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld: crescendo.StateHeld.$Shape; badSamples?: null }|{ body?: "badSamples"; hello?: null; linksReady?: null; heartbeat?: null; stepReduced?: null; evaluationDone?: null; finished?: null; failure?: null; drainRequest?: null; prepared?: null; stateBlock?: null; blockRequest?: null; stateHeld?: null; badSamples: crescendo.BadSamples.$Shape })
        );
    }

    /**
     * Properties of a CoordinatorMessage.
     * @deprecated Use crescendo.CoordinatorMessage.$Properties instead.
     */
    interface ICoordinatorMessage extends crescendo.CoordinatorMessage.$Properties {
    }

    /** Represents a CoordinatorMessage. */
    class CoordinatorMessage {

        /**
         * Constructs a new CoordinatorMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.CoordinatorMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CoordinatorMessage welcome. */
        welcome?: (crescendo.Welcome.$Properties|null);

        /** CoordinatorMessage refused. */
        refused?: (crescendo.Refused.$Properties|null);

        /** CoordinatorMessage roster. */
        roster?: (crescendo.Roster.$Properties|null);

        /** CoordinatorMessage stepOrder. */
        stepOrder?: (crescendo.StepOrder.$Properties|null);

        /** CoordinatorMessage evaluationOrder. */
        evaluationOrder?: (crescendo.EvaluationOrder.$Properties|null);

        /** CoordinatorMessage finishOrder. */
        finishOrder?: (crescendo.FinishOrder.$Properties|null);

        /** CoordinatorMessage released. */
        released?: (crescendo.Released.$Properties|null);

        /** CoordinatorMessage checkpointOrder. */
        checkpointOrder?: (crescendo.CheckpointOrder.$Properties|null);

        /** CoordinatorMessage blockStored. */
        blockStored?: (crescendo.BlockStored.$Properties|null);

        /** CoordinatorMessage restoredBlock. */
        restoredBlock?: (crescendo.RestoredBlock.$Properties|null);

        /** CoordinatorMessage heartbeatSeen. */
        heartbeatSeen?: (crescendo.HeartbeatSeen.$Properties|null);

        /** CoordinatorMessage body. */
        body?: ("welcome"|"refused"|"roster"|"stepOrder"|"evaluationOrder"|"finishOrder"|"released"|"checkpointOrder"|"blockStored"|"restoredBlock"|"heartbeatSeen");

        /**
         * Encodes the specified CoordinatorMessage message. Does not implicitly {@link crescendo.CoordinatorMessage.verify|verify} messages.
         * @param message CoordinatorMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.CoordinatorMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CoordinatorMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.CoordinatorMessage & crescendo.CoordinatorMessage.$Shape} CoordinatorMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.CoordinatorMessage & crescendo.CoordinatorMessage.$Shape;

        /**
         * Creates a CoordinatorMessage message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns CoordinatorMessage
         */
        static fromObject(object: { [k: string]: any }): crescendo.CoordinatorMessage;

        /**
         * Creates a plain object from a CoordinatorMessage message. Also converts values to other types if specified.
         * @param message CoordinatorMessage
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.CoordinatorMessage, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this CoordinatorMessage to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for CoordinatorMessage
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace CoordinatorMessage {

        /** Properties of a CoordinatorMessage. */
        interface $Properties {

            /** CoordinatorMessage welcome */
            welcome?: (crescendo.Welcome.$Properties|null);

            /** CoordinatorMessage refused */
            refused?: (crescendo.Refused.$Properties|null);

            /** CoordinatorMessage roster */
            roster?: (crescendo.Roster.$Properties|null);

            /** CoordinatorMessage stepOrder */
            stepOrder?: (crescendo.StepOrder.$Properties|null);

            /** CoordinatorMessage evaluationOrder */
            evaluationOrder?: (crescendo.EvaluationOrder.$Properties|null);

            /** CoordinatorMessage finishOrder */
            finishOrder?: (crescendo.FinishOrder.$Properties|null);

            /** CoordinatorMessage released */
            released?: (crescendo.Released.$Properties|null);

            /** CoordinatorMessage checkpointOrder */
            checkpointOrder?: (crescendo.CheckpointOrder.$Properties|null);

            /** CoordinatorMessage blockStored */
            blockStored?: (crescendo.BlockStored.$Properties|null);

            /** CoordinatorMessage restoredBlock */
            restoredBlock?: (crescendo.RestoredBlock.$Properties|null);

            /** CoordinatorMessage heartbeatSeen */
            heartbeatSeen?: (crescendo.HeartbeatSeen.$Properties|null);

            /** CoordinatorMessage body */
            body?: ("welcome"|"refused"|"roster"|"stepOrder"|"evaluationOrder"|"finishOrder"|"released"|"checkpointOrder"|"blockStored"|"restoredBlock"|"heartbeatSeen");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a CoordinatorMessage. */
        type $Shape = {
          welcome?: crescendo.Welcome.$Shape|null;
          refused?: crescendo.Refused.$Shape|null;
          roster?: crescendo.Roster.$Shape|null;
          stepOrder?: crescendo.StepOrder.$Shape|null;
          evaluationOrder?: crescendo.EvaluationOrder.$Shape|null;
          finishOrder?: crescendo.FinishOrder.$Shape|null;
          released?: crescendo.Released.$Shape|null;
          checkpointOrder?: crescendo.CheckpointOrder.$Shape|null;
          blockStored?: crescendo.BlockStored.$Shape|null;
          restoredBlock?: crescendo.RestoredBlock.$Shape|null;
          heartbeatSeen?: crescendo.HeartbeatSeen.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ body?: undefined; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "welcome"; welcome: crescendo.Welcome.$Shape; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "refused"; welcome?: null; refused: crescendo.Refused.$Shape; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "roster"; welcome?: null; refused?: null; roster: crescendo.Roster.$Shape; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "stepOrder"; welcome?: null; refused?: null; roster?: null; stepOrder: crescendo.StepOrder.$Shape; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "evaluationOrder"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder: crescendo.EvaluationOrder.$Shape; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "finishOrder"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder: crescendo.FinishOrder.$Shape; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "released"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released: crescendo.Released.$Shape; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "checkpointOrder"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder: crescendo.CheckpointOrder.$Shape; blockStored?: null; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "blockStored"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored: crescendo.BlockStored.$Shape; restoredBlock?: null; heartbeatSeen?: null }|{ body?: "restoredBlock"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock: crescendo.RestoredBlock.$Shape; heartbeatSeen?: null }|{ body?: "heartbeatSeen"; welcome?: null; refused?: null; roster?: null; stepOrder?: null; evaluationOrder?: null; finishOrder?: null; released?: null; checkpointOrder?: null; blockStored?: null; restoredBlock?: null; heartbeatSeen: crescendo.HeartbeatSeen.$Shape })
        );
    }

    /**
     * Properties of a Hello.
     * @deprecated Use crescendo.Hello.$Properties instead.
     */
    interface IHello extends crescendo.Hello.$Properties {
    }

    /** Represents a Hello. */
    class Hello {

        /**
         * Constructs a new Hello.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Hello.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Hello protocolVersion. */
        protocolVersion: number;

        /** Hello configFingerprint. */
        configFingerprint: string;

        /** Hello joinToken. */
        joinToken: string;

        /** Hello hostName. */
        hostName: string;

        /** Hello processId. */
        processId: number;

        /** Hello dataUrl. */
        dataUrl: string;

        /** Hello metricsAddress. */
        metricsAddress: string;

        /** Hello machine. */
        machine: string;

        /** Hello localPath. */
        localPath: string;

        /** Hello workerId. */
        workerId: string;

        /** Hello runId. */
        runId: string;

        /** Hello slot. */
        slot: number;

        /**
         * Encodes the specified Hello message. Does not implicitly {@link crescendo.Hello.verify|verify} messages.
         * @param message Hello message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Hello message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Hello & crescendo.Hello.$Shape} Hello
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Hello & crescendo.Hello.$Shape;

        /**
         * Creates a Hello message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Hello
         */
        static fromObject(object: { [k: string]: any }): crescendo.Hello;

        /**
         * Creates a plain object from a Hello message. Also converts values to other types if specified.
         * @param message Hello
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Hello, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Hello to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Hello
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Hello {

        /** Properties of a Hello. */
        interface $Properties {

            /** Hello protocolVersion */
            protocolVersion?: (number|null);

            /** Hello configFingerprint */
            configFingerprint?: (string|null);

            /** Hello joinToken */
            joinToken?: (string|null);

            /** Hello hostName */
            hostName?: (string|null);

            /** Hello processId */
            processId?: (number|null);

            /** Hello dataUrl */
            dataUrl?: (string|null);

            /** Hello metricsAddress */
            metricsAddress?: (string|null);

            /** Hello machine */
            machine?: (string|null);

            /** Hello localPath */
            localPath?: (string|null);

            /** Hello workerId */
            workerId?: (string|null);

            /** Hello runId */
            runId?: (string|null);

            /** Hello slot */
            slot?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Hello. */
        type $Shape = crescendo.Hello.$Properties;
    }

    /**
     * Properties of a Welcome.
     * @deprecated Use crescendo.Welcome.$Properties instead.
     */
    interface IWelcome extends crescendo.Welcome.$Properties {
    }

    /** Represents a Welcome. */
    class Welcome {

        /**
         * Constructs a new Welcome.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Welcome.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Welcome slot. */
        slot: number;

        /** Welcome runId. */
        runId: string;

        /** Welcome runConfigJson. */
        runConfigJson: string;

        /** Welcome configFingerprint. */
        configFingerprint: string;

        /** Welcome peerToken. */
        peerToken: string;

        /** Welcome heartbeatIntervalMs. */
        heartbeatIntervalMs: number;

        /**
         * Encodes the specified Welcome message. Does not implicitly {@link crescendo.Welcome.verify|verify} messages.
         * @param message Welcome message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Welcome message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Welcome & crescendo.Welcome.$Shape} Welcome
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Welcome & crescendo.Welcome.$Shape;

        /**
         * Creates a Welcome message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Welcome
         */
        static fromObject(object: { [k: string]: any }): crescendo.Welcome;

        /**
         * Creates a plain object from a Welcome message. Also converts values to other types if specified.
         * @param message Welcome
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Welcome, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Welcome to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Welcome
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Welcome {

        /** Properties of a Welcome. */
        interface $Properties {

            /** Welcome slot */
            slot?: (number|null);

            /** Welcome runId */
            runId?: (string|null);

            /** Welcome runConfigJson */
            runConfigJson?: (string|null);

            /** Welcome configFingerprint */
            configFingerprint?: (string|null);

            /** Welcome peerToken */
            peerToken?: (string|null);

            /** Welcome heartbeatIntervalMs */
            heartbeatIntervalMs?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Welcome. */
        type $Shape = crescendo.Welcome.$Properties;
    }

    /**
     * Properties of a Refused.
     * @deprecated Use crescendo.Refused.$Properties instead.
     */
    interface IRefused extends crescendo.Refused.$Properties {
    }

    /** Represents a Refused. */
    class Refused {

        /**
         * Constructs a new Refused.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Refused.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Refused code. */
        code: string;

        /** Refused message. */
        message: string;

        /** Refused retryAfterMs. */
        retryAfterMs: number;

        /**
         * Encodes the specified Refused message. Does not implicitly {@link crescendo.Refused.verify|verify} messages.
         * @param message Refused message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Refused.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Refused message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Refused & crescendo.Refused.$Shape} Refused
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Refused & crescendo.Refused.$Shape;

        /**
         * Creates a Refused message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Refused
         */
        static fromObject(object: { [k: string]: any }): crescendo.Refused;

        /**
         * Creates a plain object from a Refused message. Also converts values to other types if specified.
         * @param message Refused
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Refused, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Refused to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Refused
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Refused {

        /** Properties of a Refused. */
        interface $Properties {

            /** Refused code */
            code?: (string|null);

            /** Refused message */
            message?: (string|null);

            /** Refused retryAfterMs */
            retryAfterMs?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Refused. */
        type $Shape = crescendo.Refused.$Properties;
    }

    /**
     * Properties of a Member.
     * @deprecated Use crescendo.Member.$Properties instead.
     */
    interface IMember extends crescendo.Member.$Properties {
    }

    /** Represents a Member. */
    class Member {

        /**
         * Constructs a new Member.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Member.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Member slot. */
        slot: number;

        /** Member dataUrl. */
        dataUrl: string;

        /** Member hasState. */
        hasState: boolean;

        /** Member machine. */
        machine: string;

        /** Member localPath. */
        localPath: string;

        /**
         * Encodes the specified Member message. Does not implicitly {@link crescendo.Member.verify|verify} messages.
         * @param message Member message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Member.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Member message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Member & crescendo.Member.$Shape} Member
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Member & crescendo.Member.$Shape;

        /**
         * Creates a Member message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Member
         */
        static fromObject(object: { [k: string]: any }): crescendo.Member;

        /**
         * Creates a plain object from a Member message. Also converts values to other types if specified.
         * @param message Member
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Member, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Member to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Member
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Member {

        /** Properties of a Member. */
        interface $Properties {

            /** Member slot */
            slot?: (number|null);

            /** Member dataUrl */
            dataUrl?: (string|null);

            /** Member hasState */
            hasState?: (boolean|null);

            /** Member machine */
            machine?: (string|null);

            /** Member localPath */
            localPath?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Member. */
        type $Shape = crescendo.Member.$Properties;
    }

    /**
     * Properties of a Roster.
     * @deprecated Use crescendo.Roster.$Properties instead.
     */
    interface IRoster extends crescendo.Roster.$Properties {
    }

    /** Represents a Roster. */
    class Roster {

        /**
         * Constructs a new Roster.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Roster.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Roster generation. */
        generation: number;

        /** Roster members. */
        members: crescendo.Member.$Properties[];

        /** Roster committedSteps. */
        committedSteps: number;

        /** Roster stateSourceSlot. */
        stateSourceSlot: number;

        /** Roster shardGeneration. */
        shardGeneration: number;

        /** Roster shardMembers. */
        shardMembers: crescendo.ShardMember.$Properties[];

        /** Roster history. */
        history: number;

        /** Roster stateBesideSteps. */
        stateBesideSteps: boolean;

        /**
         * Encodes the specified Roster message. Does not implicitly {@link crescendo.Roster.verify|verify} messages.
         * @param message Roster message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Roster.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Roster message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Roster & crescendo.Roster.$Shape} Roster
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Roster & crescendo.Roster.$Shape;

        /**
         * Creates a Roster message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Roster
         */
        static fromObject(object: { [k: string]: any }): crescendo.Roster;

        /**
         * Creates a plain object from a Roster message. Also converts values to other types if specified.
         * @param message Roster
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Roster, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Roster to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Roster
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Roster {

        /** Properties of a Roster. */
        interface $Properties {

            /** Roster generation */
            generation?: (number|null);

            /** Roster members */
            members?: (crescendo.Member.$Properties[]|null);

            /** Roster committedSteps */
            committedSteps?: (number|null);

            /** Roster stateSourceSlot */
            stateSourceSlot?: (number|null);

            /** Roster shardGeneration */
            shardGeneration?: (number|null);

            /** Roster shardMembers */
            shardMembers?: (crescendo.ShardMember.$Properties[]|null);

            /** Roster history */
            history?: (number|null);

            /** Roster stateBesideSteps */
            stateBesideSteps?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Roster. */
        type $Shape = crescendo.Roster.$Properties;
    }

    /**
     * Properties of a StateHeld.
     * @deprecated Use crescendo.StateHeld.$Properties instead.
     */
    interface IStateHeld extends crescendo.StateHeld.$Properties {
    }

    /** Represents a StateHeld. */
    class StateHeld {

        /**
         * Constructs a new StateHeld.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.StateHeld.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StateHeld generation. */
        generation: number;

        /**
         * Encodes the specified StateHeld message. Does not implicitly {@link crescendo.StateHeld.verify|verify} messages.
         * @param message StateHeld message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.StateHeld.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StateHeld message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.StateHeld & crescendo.StateHeld.$Shape} StateHeld
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.StateHeld & crescendo.StateHeld.$Shape;

        /**
         * Creates a StateHeld message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns StateHeld
         */
        static fromObject(object: { [k: string]: any }): crescendo.StateHeld;

        /**
         * Creates a plain object from a StateHeld message. Also converts values to other types if specified.
         * @param message StateHeld
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.StateHeld, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this StateHeld to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for StateHeld
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace StateHeld {

        /** Properties of a StateHeld. */
        interface $Properties {

            /** StateHeld generation */
            generation?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StateHeld. */
        type $Shape = crescendo.StateHeld.$Properties;
    }

    /**
     * Properties of a ShardMember.
     * @deprecated Use crescendo.ShardMember.$Properties instead.
     */
    interface IShardMember extends crescendo.ShardMember.$Properties {
    }

    /** Represents a ShardMember. */
    class ShardMember {

        /**
         * Constructs a new ShardMember.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.ShardMember.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ShardMember slot. */
        slot: number;

        /** ShardMember machine. */
        machine: string;

        /** ShardMember isGone. */
        isGone: boolean;

        /**
         * Encodes the specified ShardMember message. Does not implicitly {@link crescendo.ShardMember.verify|verify} messages.
         * @param message ShardMember message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.ShardMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ShardMember message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.ShardMember & crescendo.ShardMember.$Shape} ShardMember
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.ShardMember & crescendo.ShardMember.$Shape;

        /**
         * Creates a ShardMember message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns ShardMember
         */
        static fromObject(object: { [k: string]: any }): crescendo.ShardMember;

        /**
         * Creates a plain object from a ShardMember message. Also converts values to other types if specified.
         * @param message ShardMember
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.ShardMember, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this ShardMember to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for ShardMember
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace ShardMember {

        /** Properties of a ShardMember. */
        interface $Properties {

            /** ShardMember slot */
            slot?: (number|null);

            /** ShardMember machine */
            machine?: (string|null);

            /** ShardMember isGone */
            isGone?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ShardMember. */
        type $Shape = crescendo.ShardMember.$Properties;
    }

    /**
     * Properties of a LinksReady.
     * @deprecated Use crescendo.LinksReady.$Properties instead.
     */
    interface ILinksReady extends crescendo.LinksReady.$Properties {
    }

    /** Represents a LinksReady. */
    class LinksReady {

        /**
         * Constructs a new LinksReady.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.LinksReady.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** LinksReady generation. */
        generation: number;

        /** LinksReady unreachableSlots. */
        unreachableSlots: number[];

        /** LinksReady relinked. */
        relinked: boolean;

        /**
         * Encodes the specified LinksReady message. Does not implicitly {@link crescendo.LinksReady.verify|verify} messages.
         * @param message LinksReady message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.LinksReady.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a LinksReady message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.LinksReady & crescendo.LinksReady.$Shape} LinksReady
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.LinksReady & crescendo.LinksReady.$Shape;

        /**
         * Creates a LinksReady message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns LinksReady
         */
        static fromObject(object: { [k: string]: any }): crescendo.LinksReady;

        /**
         * Creates a plain object from a LinksReady message. Also converts values to other types if specified.
         * @param message LinksReady
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.LinksReady, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this LinksReady to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for LinksReady
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace LinksReady {

        /** Properties of a LinksReady. */
        interface $Properties {

            /** LinksReady generation */
            generation?: (number|null);

            /** LinksReady unreachableSlots */
            unreachableSlots?: (number[]|null);

            /** LinksReady relinked */
            relinked?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a LinksReady. */
        type $Shape = crescendo.LinksReady.$Properties;
    }

    /**
     * Properties of a Heartbeat.
     * @deprecated Use crescendo.Heartbeat.$Properties instead.
     */
    interface IHeartbeat extends crescendo.Heartbeat.$Properties {
    }

    /** Represents a Heartbeat. */
    class Heartbeat {

        /**
         * Constructs a new Heartbeat.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Heartbeat.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Heartbeat generation. */
        generation: number;

        /** Heartbeat tensorCount. */
        tensorCount: number;

        /** Heartbeat tensorBytes. */
        tensorBytes: number;

        /** Heartbeat allReduceBytesSent. */
        allReduceBytesSent: number;

        /** Heartbeat step. */
        step: number;

        /** Heartbeat computeDone. */
        computeDone: boolean;

        /** Heartbeat waitingForSlots. */
        waitingForSlots: number[];

        /** Heartbeat progress. */
        progress: number;

        /** Heartbeat attempt. */
        attempt: number;

        /** Heartbeat unbegunMicroBatches. */
        unbegunMicroBatches: number[];

        /** Heartbeat awaitsInput. */
        awaitsInput: boolean;

        /**
         * Encodes the specified Heartbeat message. Does not implicitly {@link crescendo.Heartbeat.verify|verify} messages.
         * @param message Heartbeat message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Heartbeat message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Heartbeat & crescendo.Heartbeat.$Shape} Heartbeat
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Heartbeat & crescendo.Heartbeat.$Shape;

        /**
         * Creates a Heartbeat message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Heartbeat
         */
        static fromObject(object: { [k: string]: any }): crescendo.Heartbeat;

        /**
         * Creates a plain object from a Heartbeat message. Also converts values to other types if specified.
         * @param message Heartbeat
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Heartbeat, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Heartbeat to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Heartbeat
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Heartbeat {

        /** Properties of a Heartbeat. */
        interface $Properties {

            /** Heartbeat generation */
            generation?: (number|null);

            /** Heartbeat tensorCount */
            tensorCount?: (number|null);

            /** Heartbeat tensorBytes */
            tensorBytes?: (number|null);

            /** Heartbeat allReduceBytesSent */
            allReduceBytesSent?: (number|null);

            /** Heartbeat step */
            step?: (number|null);

            /** Heartbeat computeDone */
            computeDone?: (boolean|null);

            /** Heartbeat waitingForSlots */
            waitingForSlots?: (number[]|null);

            /** Heartbeat progress */
            progress?: (number|null);

            /** Heartbeat attempt */
            attempt?: (number|null);

            /** Heartbeat unbegunMicroBatches */
            unbegunMicroBatches?: (number[]|null);

            /** Heartbeat awaitsInput */
            awaitsInput?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Heartbeat. */
        type $Shape = crescendo.Heartbeat.$Properties;
    }

    /**
     * Properties of a HeartbeatSeen.
     * @deprecated Use crescendo.HeartbeatSeen.$Properties instead.
     */
    interface IHeartbeatSeen extends crescendo.HeartbeatSeen.$Properties {
    }

    /** Represents a HeartbeatSeen. */
    class HeartbeatSeen {

        /**
         * Constructs a new HeartbeatSeen.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.HeartbeatSeen.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Encodes the specified HeartbeatSeen message. Does not implicitly {@link crescendo.HeartbeatSeen.verify|verify} messages.
         * @param message HeartbeatSeen message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.HeartbeatSeen.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a HeartbeatSeen message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.HeartbeatSeen & crescendo.HeartbeatSeen.$Shape} HeartbeatSeen
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.HeartbeatSeen & crescendo.HeartbeatSeen.$Shape;

        /**
         * Creates a HeartbeatSeen message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns HeartbeatSeen
         */
        static fromObject(object: { [k: string]: any }): crescendo.HeartbeatSeen;

        /**
         * Creates a plain object from a HeartbeatSeen message. Also converts values to other types if specified.
         * @param message HeartbeatSeen
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.HeartbeatSeen, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this HeartbeatSeen to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for HeartbeatSeen
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace HeartbeatSeen {

        /** Properties of a HeartbeatSeen. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a HeartbeatSeen. */
        type $Shape = crescendo.HeartbeatSeen.$Properties;
    }

    /**
     * Properties of a Lease.
     * @deprecated Use crescendo.Lease.$Properties instead.
     */
    interface ILease extends crescendo.Lease.$Properties {
    }

    /** Represents a Lease. */
    class Lease {

        /**
         * Constructs a new Lease.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Lease.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Lease slot. */
        slot: number;

        /** Lease microBatches. */
        microBatches: number[];

        /**
         * Encodes the specified Lease message. Does not implicitly {@link crescendo.Lease.verify|verify} messages.
         * @param message Lease message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Lease.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Lease message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Lease & crescendo.Lease.$Shape} Lease
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Lease & crescendo.Lease.$Shape;

        /**
         * Creates a Lease message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Lease
         */
        static fromObject(object: { [k: string]: any }): crescendo.Lease;

        /**
         * Creates a plain object from a Lease message. Also converts values to other types if specified.
         * @param message Lease
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Lease, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Lease to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Lease
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Lease {

        /** Properties of a Lease. */
        interface $Properties {

            /** Lease slot */
            slot?: (number|null);

            /** Lease microBatches */
            microBatches?: (number[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Lease. */
        type $Shape = crescendo.Lease.$Properties;
    }

    /**
     * Properties of a RelayedPair.
     * @deprecated Use crescendo.RelayedPair.$Properties instead.
     */
    interface IRelayedPair extends crescendo.RelayedPair.$Properties {
    }

    /** Represents a RelayedPair. */
    class RelayedPair {

        /**
         * Constructs a new RelayedPair.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.RelayedPair.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RelayedPair sourceSlot. */
        sourceSlot: number;

        /** RelayedPair targetSlot. */
        targetSlot: number;

        /**
         * Encodes the specified RelayedPair message. Does not implicitly {@link crescendo.RelayedPair.verify|verify} messages.
         * @param message RelayedPair message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.RelayedPair.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RelayedPair message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.RelayedPair & crescendo.RelayedPair.$Shape} RelayedPair
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.RelayedPair & crescendo.RelayedPair.$Shape;

        /**
         * Creates a RelayedPair message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns RelayedPair
         */
        static fromObject(object: { [k: string]: any }): crescendo.RelayedPair;

        /**
         * Creates a plain object from a RelayedPair message. Also converts values to other types if specified.
         * @param message RelayedPair
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.RelayedPair, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this RelayedPair to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for RelayedPair
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace RelayedPair {

        /** Properties of a RelayedPair. */
        interface $Properties {

            /** RelayedPair sourceSlot */
            sourceSlot?: (number|null);

            /** RelayedPair targetSlot */
            targetSlot?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RelayedPair. */
        type $Shape = crescendo.RelayedPair.$Properties;
    }

    /**
     * Properties of a PhaseSettings.
     * @deprecated Use crescendo.PhaseSettings.$Properties instead.
     */
    interface IPhaseSettings extends crescendo.PhaseSettings.$Properties {
    }

    /** Represents a PhaseSettings. */
    class PhaseSettings {

        /**
         * Constructs a new PhaseSettings.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.PhaseSettings.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** PhaseSettings index. */
        index: number;

        /** PhaseSettings imageSizePx. */
        imageSizePx: number;

        /** PhaseSettings dropoutRate. */
        dropoutRate: number;

        /** PhaseSettings randAugmentMagnitude. */
        randAugmentMagnitude: number;

        /** PhaseSettings mixupAlpha. */
        mixupAlpha: number;

        /** PhaseSettings cutmixAlpha. */
        cutmixAlpha: number;

        /** PhaseSettings erasingRate. */
        erasingRate: number;

        /**
         * Encodes the specified PhaseSettings message. Does not implicitly {@link crescendo.PhaseSettings.verify|verify} messages.
         * @param message PhaseSettings message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.PhaseSettings.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a PhaseSettings message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.PhaseSettings & crescendo.PhaseSettings.$Shape} PhaseSettings
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.PhaseSettings & crescendo.PhaseSettings.$Shape;

        /**
         * Creates a PhaseSettings message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns PhaseSettings
         */
        static fromObject(object: { [k: string]: any }): crescendo.PhaseSettings;

        /**
         * Creates a plain object from a PhaseSettings message. Also converts values to other types if specified.
         * @param message PhaseSettings
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.PhaseSettings, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this PhaseSettings to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for PhaseSettings
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace PhaseSettings {

        /** Properties of a PhaseSettings. */
        interface $Properties {

            /** PhaseSettings index */
            index?: (number|null);

            /** PhaseSettings imageSizePx */
            imageSizePx?: (number|null);

            /** PhaseSettings dropoutRate */
            dropoutRate?: (number|null);

            /** PhaseSettings randAugmentMagnitude */
            randAugmentMagnitude?: (number|null);

            /** PhaseSettings mixupAlpha */
            mixupAlpha?: (number|null);

            /** PhaseSettings cutmixAlpha */
            cutmixAlpha?: (number|null);

            /** PhaseSettings erasingRate */
            erasingRate?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a PhaseSettings. */
        type $Shape = crescendo.PhaseSettings.$Properties;
    }

    /**
     * Properties of a StepOrder.
     * @deprecated Use crescendo.StepOrder.$Properties instead.
     */
    interface IStepOrder extends crescendo.StepOrder.$Properties {
    }

    /** Represents a StepOrder. */
    class StepOrder {

        /**
         * Constructs a new StepOrder.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.StepOrder.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StepOrder generation. */
        generation: number;

        /** StepOrder step. */
        step: number;

        /** StepOrder attempt. */
        attempt: number;

        /** StepOrder leases. */
        leases: crescendo.Lease.$Properties[];

        /** StepOrder learningRate. */
        learningRate: number;

        /** StepOrder relayedPairs. */
        relayedPairs: crescendo.RelayedPair.$Properties[];

        /** StepOrder innerLearningRates. */
        innerLearningRates: number[];

        /** StepOrder compression. */
        compression: string;

        /** StepOrder sampleCount. */
        sampleCount: number;

        /** StepOrder phase. */
        phase?: (crescendo.PhaseSettings.$Properties|null);

        /** StepOrder audits. */
        audits: crescendo.Lease.$Properties[];

        /**
         * Encodes the specified StepOrder message. Does not implicitly {@link crescendo.StepOrder.verify|verify} messages.
         * @param message StepOrder message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.StepOrder.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StepOrder message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.StepOrder & crescendo.StepOrder.$Shape} StepOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.StepOrder & crescendo.StepOrder.$Shape;

        /**
         * Creates a StepOrder message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns StepOrder
         */
        static fromObject(object: { [k: string]: any }): crescendo.StepOrder;

        /**
         * Creates a plain object from a StepOrder message. Also converts values to other types if specified.
         * @param message StepOrder
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.StepOrder, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this StepOrder to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for StepOrder
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace StepOrder {

        /** Properties of a StepOrder. */
        interface $Properties {

            /** StepOrder generation */
            generation?: (number|null);

            /** StepOrder step */
            step?: (number|null);

            /** StepOrder attempt */
            attempt?: (number|null);

            /** StepOrder leases */
            leases?: (crescendo.Lease.$Properties[]|null);

            /** StepOrder learningRate */
            learningRate?: (number|null);

            /** StepOrder relayedPairs */
            relayedPairs?: (crescendo.RelayedPair.$Properties[]|null);

            /** StepOrder innerLearningRates */
            innerLearningRates?: (number[]|null);

            /** StepOrder compression */
            compression?: (string|null);

            /** StepOrder sampleCount */
            sampleCount?: (number|null);

            /** StepOrder phase */
            phase?: (crescendo.PhaseSettings.$Properties|null);

            /** StepOrder audits */
            audits?: (crescendo.Lease.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StepOrder. */
        type $Shape = crescendo.StepOrder.$Properties;
    }

    /**
     * Properties of a GradientChecksum.
     * @deprecated Use crescendo.GradientChecksum.$Properties instead.
     */
    interface IGradientChecksum extends crescendo.GradientChecksum.$Properties {
    }

    /** Represents a GradientChecksum. */
    class GradientChecksum {

        /**
         * Constructs a new GradientChecksum.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.GradientChecksum.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** GradientChecksum microBatch. */
        microBatch: number;

        /** GradientChecksum checksum. */
        checksum: number;

        /**
         * Encodes the specified GradientChecksum message. Does not implicitly {@link crescendo.GradientChecksum.verify|verify} messages.
         * @param message GradientChecksum message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.GradientChecksum.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a GradientChecksum message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.GradientChecksum & crescendo.GradientChecksum.$Shape} GradientChecksum
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.GradientChecksum & crescendo.GradientChecksum.$Shape;

        /**
         * Creates a GradientChecksum message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns GradientChecksum
         */
        static fromObject(object: { [k: string]: any }): crescendo.GradientChecksum;

        /**
         * Creates a plain object from a GradientChecksum message. Also converts values to other types if specified.
         * @param message GradientChecksum
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.GradientChecksum, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this GradientChecksum to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for GradientChecksum
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace GradientChecksum {

        /** Properties of a GradientChecksum. */
        interface $Properties {

            /** GradientChecksum microBatch */
            microBatch?: (number|null);

            /** GradientChecksum checksum */
            checksum?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a GradientChecksum. */
        type $Shape = crescendo.GradientChecksum.$Properties;
    }

    /**
     * Properties of a NonfiniteMicroBatch.
     * @deprecated Use crescendo.NonfiniteMicroBatch.$Properties instead.
     */
    interface INonfiniteMicroBatch extends crescendo.NonfiniteMicroBatch.$Properties {
    }

    /** Represents a NonfiniteMicroBatch. */
    class NonfiniteMicroBatch {

        /**
         * Constructs a new NonfiniteMicroBatch.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.NonfiniteMicroBatch.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** NonfiniteMicroBatch step. */
        step: number;

        /** NonfiniteMicroBatch microBatch. */
        microBatch: number;

        /**
         * Encodes the specified NonfiniteMicroBatch message. Does not implicitly {@link crescendo.NonfiniteMicroBatch.verify|verify} messages.
         * @param message NonfiniteMicroBatch message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.NonfiniteMicroBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a NonfiniteMicroBatch message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.NonfiniteMicroBatch & crescendo.NonfiniteMicroBatch.$Shape} NonfiniteMicroBatch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.NonfiniteMicroBatch & crescendo.NonfiniteMicroBatch.$Shape;

        /**
         * Creates a NonfiniteMicroBatch message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns NonfiniteMicroBatch
         */
        static fromObject(object: { [k: string]: any }): crescendo.NonfiniteMicroBatch;

        /**
         * Creates a plain object from a NonfiniteMicroBatch message. Also converts values to other types if specified.
         * @param message NonfiniteMicroBatch
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.NonfiniteMicroBatch, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this NonfiniteMicroBatch to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for NonfiniteMicroBatch
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace NonfiniteMicroBatch {

        /** Properties of a NonfiniteMicroBatch. */
        interface $Properties {

            /** NonfiniteMicroBatch step */
            step?: (number|null);

            /** NonfiniteMicroBatch microBatch */
            microBatch?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a NonfiniteMicroBatch. */
        type $Shape = crescendo.NonfiniteMicroBatch.$Properties;
    }

    /**
     * Properties of a StepReduced.
     * @deprecated Use crescendo.StepReduced.$Properties instead.
     */
    interface IStepReduced extends crescendo.StepReduced.$Properties {
    }

    /** Represents a StepReduced. */
    class StepReduced {

        /**
         * Constructs a new StepReduced.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.StepReduced.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StepReduced generation. */
        generation: number;

        /** StepReduced step. */
        step: number;

        /** StepReduced attempt. */
        attempt: number;

        /** StepReduced checksum. */
        checksum: number;

        /** StepReduced lossSum. */
        lossSum: number;

        /** StepReduced correctCount. */
        correctCount: number;

        /** StepReduced sampleCount. */
        sampleCount: number;

        /** StepReduced nonfiniteCount. */
        nonfiniteCount: number;

        /** StepReduced computeSeconds. */
        computeSeconds: number;

        /** StepReduced allReduceSeconds. */
        allReduceSeconds: number;

        /** StepReduced samplesComputed. */
        samplesComputed: number;

        /** StepReduced gradientNorm. */
        gradientNorm: number;

        /** StepReduced applySeconds. */
        applySeconds: number;

        /** StepReduced allReduceBytesSent. */
        allReduceBytesSent: number;

        /** StepReduced nonfinite. */
        nonfinite: crescendo.NonfiniteMicroBatch.$Properties[];

        /** StepReduced allReducePayloadBytes. */
        allReducePayloadBytes: number;

        /** StepReduced compressionSeconds. */
        compressionSeconds: number;

        /** StepReduced overlapSeconds. */
        overlapSeconds: number;

        /** StepReduced cosineSimilarity. */
        cosineSimilarity: number;

        /** StepReduced inputSeconds. */
        inputSeconds: number;

        /** StepReduced gradientChecksums. */
        gradientChecksums: crescendo.GradientChecksum.$Properties[];

        /**
         * Encodes the specified StepReduced message. Does not implicitly {@link crescendo.StepReduced.verify|verify} messages.
         * @param message StepReduced message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.StepReduced.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StepReduced message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.StepReduced & crescendo.StepReduced.$Shape} StepReduced
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.StepReduced & crescendo.StepReduced.$Shape;

        /**
         * Creates a StepReduced message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns StepReduced
         */
        static fromObject(object: { [k: string]: any }): crescendo.StepReduced;

        /**
         * Creates a plain object from a StepReduced message. Also converts values to other types if specified.
         * @param message StepReduced
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.StepReduced, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this StepReduced to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for StepReduced
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace StepReduced {

        /** Properties of a StepReduced. */
        interface $Properties {

            /** StepReduced generation */
            generation?: (number|null);

            /** StepReduced step */
            step?: (number|null);

            /** StepReduced attempt */
            attempt?: (number|null);

            /** StepReduced checksum */
            checksum?: (number|null);

            /** StepReduced lossSum */
            lossSum?: (number|null);

            /** StepReduced correctCount */
            correctCount?: (number|null);

            /** StepReduced sampleCount */
            sampleCount?: (number|null);

            /** StepReduced nonfiniteCount */
            nonfiniteCount?: (number|null);

            /** StepReduced computeSeconds */
            computeSeconds?: (number|null);

            /** StepReduced allReduceSeconds */
            allReduceSeconds?: (number|null);

            /** StepReduced samplesComputed */
            samplesComputed?: (number|null);

            /** StepReduced gradientNorm */
            gradientNorm?: (number|null);

            /** StepReduced applySeconds */
            applySeconds?: (number|null);

            /** StepReduced allReduceBytesSent */
            allReduceBytesSent?: (number|null);

            /** StepReduced nonfinite */
            nonfinite?: (crescendo.NonfiniteMicroBatch.$Properties[]|null);

            /** StepReduced allReducePayloadBytes */
            allReducePayloadBytes?: (number|null);

            /** StepReduced compressionSeconds */
            compressionSeconds?: (number|null);

            /** StepReduced overlapSeconds */
            overlapSeconds?: (number|null);

            /** StepReduced cosineSimilarity */
            cosineSimilarity?: (number|null);

            /** StepReduced inputSeconds */
            inputSeconds?: (number|null);

            /** StepReduced gradientChecksums */
            gradientChecksums?: (crescendo.GradientChecksum.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StepReduced. */
        type $Shape = crescendo.StepReduced.$Properties;
    }

    /**
     * Properties of an EvaluationLease.
     * @deprecated Use crescendo.EvaluationLease.$Properties instead.
     */
    interface IEvaluationLease extends crescendo.EvaluationLease.$Properties {
    }

    /** Represents an EvaluationLease. */
    class EvaluationLease {

        /**
         * Constructs a new EvaluationLease.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.EvaluationLease.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EvaluationLease slot. */
        slot: number;

        /** EvaluationLease batches. */
        batches: number[];

        /**
         * Encodes the specified EvaluationLease message. Does not implicitly {@link crescendo.EvaluationLease.verify|verify} messages.
         * @param message EvaluationLease message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.EvaluationLease.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EvaluationLease message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.EvaluationLease & crescendo.EvaluationLease.$Shape} EvaluationLease
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.EvaluationLease & crescendo.EvaluationLease.$Shape;

        /**
         * Creates an EvaluationLease message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns EvaluationLease
         */
        static fromObject(object: { [k: string]: any }): crescendo.EvaluationLease;

        /**
         * Creates a plain object from an EvaluationLease message. Also converts values to other types if specified.
         * @param message EvaluationLease
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.EvaluationLease, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this EvaluationLease to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for EvaluationLease
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace EvaluationLease {

        /** Properties of an EvaluationLease. */
        interface $Properties {

            /** EvaluationLease slot */
            slot?: (number|null);

            /** EvaluationLease batches */
            batches?: (number[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EvaluationLease. */
        type $Shape = crescendo.EvaluationLease.$Properties;
    }

    /**
     * Properties of an EvaluationOrder.
     * @deprecated Use crescendo.EvaluationOrder.$Properties instead.
     */
    interface IEvaluationOrder extends crescendo.EvaluationOrder.$Properties {
    }

    /** Represents an EvaluationOrder. */
    class EvaluationOrder {

        /**
         * Constructs a new EvaluationOrder.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.EvaluationOrder.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EvaluationOrder generation. */
        generation: number;

        /** EvaluationOrder evaluation. */
        evaluation: number;

        /** EvaluationOrder committedSteps. */
        committedSteps: number;

        /** EvaluationOrder imageSizePx. */
        imageSizePx: number;

        /** EvaluationOrder batchSamples. */
        batchSamples: number;

        /** EvaluationOrder leases. */
        leases: crescendo.EvaluationLease.$Properties[];

        /**
         * Encodes the specified EvaluationOrder message. Does not implicitly {@link crescendo.EvaluationOrder.verify|verify} messages.
         * @param message EvaluationOrder message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.EvaluationOrder.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EvaluationOrder message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.EvaluationOrder & crescendo.EvaluationOrder.$Shape} EvaluationOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.EvaluationOrder & crescendo.EvaluationOrder.$Shape;

        /**
         * Creates an EvaluationOrder message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns EvaluationOrder
         */
        static fromObject(object: { [k: string]: any }): crescendo.EvaluationOrder;

        /**
         * Creates a plain object from an EvaluationOrder message. Also converts values to other types if specified.
         * @param message EvaluationOrder
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.EvaluationOrder, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this EvaluationOrder to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for EvaluationOrder
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace EvaluationOrder {

        /** Properties of an EvaluationOrder. */
        interface $Properties {

            /** EvaluationOrder generation */
            generation?: (number|null);

            /** EvaluationOrder evaluation */
            evaluation?: (number|null);

            /** EvaluationOrder committedSteps */
            committedSteps?: (number|null);

            /** EvaluationOrder imageSizePx */
            imageSizePx?: (number|null);

            /** EvaluationOrder batchSamples */
            batchSamples?: (number|null);

            /** EvaluationOrder leases */
            leases?: (crescendo.EvaluationLease.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EvaluationOrder. */
        type $Shape = crescendo.EvaluationOrder.$Properties;
    }

    /**
     * Properties of an EvaluationBatch.
     * @deprecated Use crescendo.EvaluationBatch.$Properties instead.
     */
    interface IEvaluationBatch extends crescendo.EvaluationBatch.$Properties {
    }

    /** Represents an EvaluationBatch. */
    class EvaluationBatch {

        /**
         * Constructs a new EvaluationBatch.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.EvaluationBatch.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EvaluationBatch index. */
        index: number;

        /** EvaluationBatch sampleCount. */
        sampleCount: number;

        /** EvaluationBatch top1Count. */
        top1Count: number;

        /** EvaluationBatch top5Count. */
        top5Count: number;

        /** EvaluationBatch lossSum. */
        lossSum: number;

        /** EvaluationBatch emaTop1Count. */
        emaTop1Count: number;

        /** EvaluationBatch emaTop5Count. */
        emaTop5Count: number;

        /** EvaluationBatch emaLossSum. */
        emaLossSum: number;

        /** EvaluationBatch unreadableCount. */
        unreadableCount: number;

        /** EvaluationBatch unreadable. */
        unreadable: string[];

        /**
         * Encodes the specified EvaluationBatch message. Does not implicitly {@link crescendo.EvaluationBatch.verify|verify} messages.
         * @param message EvaluationBatch message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.EvaluationBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EvaluationBatch message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.EvaluationBatch & crescendo.EvaluationBatch.$Shape} EvaluationBatch
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.EvaluationBatch & crescendo.EvaluationBatch.$Shape;

        /**
         * Creates an EvaluationBatch message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns EvaluationBatch
         */
        static fromObject(object: { [k: string]: any }): crescendo.EvaluationBatch;

        /**
         * Creates a plain object from an EvaluationBatch message. Also converts values to other types if specified.
         * @param message EvaluationBatch
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.EvaluationBatch, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this EvaluationBatch to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for EvaluationBatch
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace EvaluationBatch {

        /** Properties of an EvaluationBatch. */
        interface $Properties {

            /** EvaluationBatch index */
            index?: (number|null);

            /** EvaluationBatch sampleCount */
            sampleCount?: (number|null);

            /** EvaluationBatch top1Count */
            top1Count?: (number|null);

            /** EvaluationBatch top5Count */
            top5Count?: (number|null);

            /** EvaluationBatch lossSum */
            lossSum?: (number|null);

            /** EvaluationBatch emaTop1Count */
            emaTop1Count?: (number|null);

            /** EvaluationBatch emaTop5Count */
            emaTop5Count?: (number|null);

            /** EvaluationBatch emaLossSum */
            emaLossSum?: (number|null);

            /** EvaluationBatch unreadableCount */
            unreadableCount?: (number|null);

            /** EvaluationBatch unreadable */
            unreadable?: (string[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EvaluationBatch. */
        type $Shape = crescendo.EvaluationBatch.$Properties;
    }

    /**
     * Properties of an EvaluationDone.
     * @deprecated Use crescendo.EvaluationDone.$Properties instead.
     */
    interface IEvaluationDone extends crescendo.EvaluationDone.$Properties {
    }

    /** Represents an EvaluationDone. */
    class EvaluationDone {

        /**
         * Constructs a new EvaluationDone.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.EvaluationDone.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EvaluationDone generation. */
        generation: number;

        /** EvaluationDone evaluation. */
        evaluation: number;

        /** EvaluationDone batches. */
        batches: crescendo.EvaluationBatch.$Properties[];

        /**
         * Encodes the specified EvaluationDone message. Does not implicitly {@link crescendo.EvaluationDone.verify|verify} messages.
         * @param message EvaluationDone message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.EvaluationDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EvaluationDone message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.EvaluationDone & crescendo.EvaluationDone.$Shape} EvaluationDone
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.EvaluationDone & crescendo.EvaluationDone.$Shape;

        /**
         * Creates an EvaluationDone message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns EvaluationDone
         */
        static fromObject(object: { [k: string]: any }): crescendo.EvaluationDone;

        /**
         * Creates a plain object from an EvaluationDone message. Also converts values to other types if specified.
         * @param message EvaluationDone
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.EvaluationDone, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this EvaluationDone to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for EvaluationDone
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace EvaluationDone {

        /** Properties of an EvaluationDone. */
        interface $Properties {

            /** EvaluationDone generation */
            generation?: (number|null);

            /** EvaluationDone evaluation */
            evaluation?: (number|null);

            /** EvaluationDone batches */
            batches?: (crescendo.EvaluationBatch.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EvaluationDone. */
        type $Shape = crescendo.EvaluationDone.$Properties;
    }

    /**
     * Properties of a FinishOrder.
     * @deprecated Use crescendo.FinishOrder.$Properties instead.
     */
    interface IFinishOrder extends crescendo.FinishOrder.$Properties {
    }

    /** Represents a FinishOrder. */
    class FinishOrder {

        /**
         * Constructs a new FinishOrder.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.FinishOrder.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** FinishOrder generation. */
        generation: number;

        /** FinishOrder committedSteps. */
        committedSteps: number;

        /**
         * Encodes the specified FinishOrder message. Does not implicitly {@link crescendo.FinishOrder.verify|verify} messages.
         * @param message FinishOrder message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.FinishOrder.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a FinishOrder message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.FinishOrder & crescendo.FinishOrder.$Shape} FinishOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.FinishOrder & crescendo.FinishOrder.$Shape;

        /**
         * Creates a FinishOrder message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns FinishOrder
         */
        static fromObject(object: { [k: string]: any }): crescendo.FinishOrder;

        /**
         * Creates a plain object from a FinishOrder message. Also converts values to other types if specified.
         * @param message FinishOrder
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.FinishOrder, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this FinishOrder to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for FinishOrder
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace FinishOrder {

        /** Properties of a FinishOrder. */
        interface $Properties {

            /** FinishOrder generation */
            generation?: (number|null);

            /** FinishOrder committedSteps */
            committedSteps?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a FinishOrder. */
        type $Shape = crescendo.FinishOrder.$Properties;
    }

    /**
     * Properties of a StateLease.
     * @deprecated Use crescendo.StateLease.$Properties instead.
     */
    interface IStateLease extends crescendo.StateLease.$Properties {
    }

    /** Represents a StateLease. */
    class StateLease {

        /**
         * Constructs a new StateLease.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.StateLease.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StateLease slot. */
        slot: number;

        /** StateLease begin. */
        begin: number;

        /** StateLease end. */
        end: number;

        /**
         * Encodes the specified StateLease message. Does not implicitly {@link crescendo.StateLease.verify|verify} messages.
         * @param message StateLease message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.StateLease.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StateLease message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.StateLease & crescendo.StateLease.$Shape} StateLease
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.StateLease & crescendo.StateLease.$Shape;

        /**
         * Creates a StateLease message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns StateLease
         */
        static fromObject(object: { [k: string]: any }): crescendo.StateLease;

        /**
         * Creates a plain object from a StateLease message. Also converts values to other types if specified.
         * @param message StateLease
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.StateLease, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this StateLease to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for StateLease
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace StateLease {

        /** Properties of a StateLease. */
        interface $Properties {

            /** StateLease slot */
            slot?: (number|null);

            /** StateLease begin */
            begin?: (number|null);

            /** StateLease end */
            end?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StateLease. */
        type $Shape = crescendo.StateLease.$Properties;
    }

    /**
     * Properties of a CheckpointOrder.
     * @deprecated Use crescendo.CheckpointOrder.$Properties instead.
     */
    interface ICheckpointOrder extends crescendo.CheckpointOrder.$Properties {
    }

    /** Represents a CheckpointOrder. */
    class CheckpointOrder {

        /**
         * Constructs a new CheckpointOrder.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.CheckpointOrder.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** CheckpointOrder generation. */
        generation: number;

        /** CheckpointOrder committedSteps. */
        committedSteps: number;

        /** CheckpointOrder leases. */
        leases: crescendo.StateLease.$Properties[];

        /**
         * Encodes the specified CheckpointOrder message. Does not implicitly {@link crescendo.CheckpointOrder.verify|verify} messages.
         * @param message CheckpointOrder message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.CheckpointOrder.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a CheckpointOrder message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.CheckpointOrder & crescendo.CheckpointOrder.$Shape} CheckpointOrder
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.CheckpointOrder & crescendo.CheckpointOrder.$Shape;

        /**
         * Creates a CheckpointOrder message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns CheckpointOrder
         */
        static fromObject(object: { [k: string]: any }): crescendo.CheckpointOrder;

        /**
         * Creates a plain object from a CheckpointOrder message. Also converts values to other types if specified.
         * @param message CheckpointOrder
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.CheckpointOrder, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this CheckpointOrder to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for CheckpointOrder
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace CheckpointOrder {

        /** Properties of a CheckpointOrder. */
        interface $Properties {

            /** CheckpointOrder generation */
            generation?: (number|null);

            /** CheckpointOrder committedSteps */
            committedSteps?: (number|null);

            /** CheckpointOrder leases */
            leases?: (crescendo.StateLease.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a CheckpointOrder. */
        type $Shape = crescendo.CheckpointOrder.$Properties;
    }

    /**
     * Properties of a StateBlock.
     * @deprecated Use crescendo.StateBlock.$Properties instead.
     */
    interface IStateBlock extends crescendo.StateBlock.$Properties {
    }

    /** Represents a StateBlock. */
    class StateBlock {

        /**
         * Constructs a new StateBlock.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.StateBlock.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** StateBlock committedSteps. */
        committedSteps: number;

        /** StateBlock index. */
        index: number;

        /** StateBlock sha256. */
        sha256: Uint8Array;

        /** StateBlock content. */
        content: Uint8Array;

        /** StateBlock begin. */
        begin: number;

        /** StateBlock generation. */
        generation: number;

        /**
         * Encodes the specified StateBlock message. Does not implicitly {@link crescendo.StateBlock.verify|verify} messages.
         * @param message StateBlock message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.StateBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a StateBlock message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.StateBlock & crescendo.StateBlock.$Shape} StateBlock
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.StateBlock & crescendo.StateBlock.$Shape;

        /**
         * Creates a StateBlock message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns StateBlock
         */
        static fromObject(object: { [k: string]: any }): crescendo.StateBlock;

        /**
         * Creates a plain object from a StateBlock message. Also converts values to other types if specified.
         * @param message StateBlock
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.StateBlock, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this StateBlock to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for StateBlock
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace StateBlock {

        /** Properties of a StateBlock. */
        interface $Properties {

            /** StateBlock committedSteps */
            committedSteps?: (number|null);

            /** StateBlock index */
            index?: (number|null);

            /** StateBlock sha256 */
            sha256?: (Uint8Array|null);

            /** StateBlock content */
            content?: (Uint8Array|null);

            /** StateBlock begin */
            begin?: (number|null);

            /** StateBlock generation */
            generation?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a StateBlock. */
        type $Shape = crescendo.StateBlock.$Properties;
    }

    /**
     * Properties of a BlockStored.
     * @deprecated Use crescendo.BlockStored.$Properties instead.
     */
    interface IBlockStored extends crescendo.BlockStored.$Properties {
    }

    /** Represents a BlockStored. */
    class BlockStored {

        /**
         * Constructs a new BlockStored.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.BlockStored.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BlockStored committedSteps. */
        committedSteps: number;

        /** BlockStored index. */
        index: number;

        /** BlockStored isWanted. */
        isWanted: boolean;

        /**
         * Encodes the specified BlockStored message. Does not implicitly {@link crescendo.BlockStored.verify|verify} messages.
         * @param message BlockStored message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.BlockStored.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BlockStored message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.BlockStored & crescendo.BlockStored.$Shape} BlockStored
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.BlockStored & crescendo.BlockStored.$Shape;

        /**
         * Creates a BlockStored message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns BlockStored
         */
        static fromObject(object: { [k: string]: any }): crescendo.BlockStored;

        /**
         * Creates a plain object from a BlockStored message. Also converts values to other types if specified.
         * @param message BlockStored
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.BlockStored, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this BlockStored to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for BlockStored
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace BlockStored {

        /** Properties of a BlockStored. */
        interface $Properties {

            /** BlockStored committedSteps */
            committedSteps?: (number|null);

            /** BlockStored index */
            index?: (number|null);

            /** BlockStored isWanted */
            isWanted?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BlockStored. */
        type $Shape = crescendo.BlockStored.$Properties;
    }

    /**
     * Properties of a BlockRequest.
     * @deprecated Use crescendo.BlockRequest.$Properties instead.
     */
    interface IBlockRequest extends crescendo.BlockRequest.$Properties {
    }

    /** Represents a BlockRequest. */
    class BlockRequest {

        /**
         * Constructs a new BlockRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.BlockRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BlockRequest generation. */
        generation: number;

        /** BlockRequest index. */
        index: number;

        /** BlockRequest begin. */
        begin: number;

        /** BlockRequest end. */
        end: number;

        /**
         * Encodes the specified BlockRequest message. Does not implicitly {@link crescendo.BlockRequest.verify|verify} messages.
         * @param message BlockRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.BlockRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BlockRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.BlockRequest & crescendo.BlockRequest.$Shape} BlockRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.BlockRequest & crescendo.BlockRequest.$Shape;

        /**
         * Creates a BlockRequest message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns BlockRequest
         */
        static fromObject(object: { [k: string]: any }): crescendo.BlockRequest;

        /**
         * Creates a plain object from a BlockRequest message. Also converts values to other types if specified.
         * @param message BlockRequest
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.BlockRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this BlockRequest to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for BlockRequest
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace BlockRequest {

        /** Properties of a BlockRequest. */
        interface $Properties {

            /** BlockRequest generation */
            generation?: (number|null);

            /** BlockRequest index */
            index?: (number|null);

            /** BlockRequest begin */
            begin?: (number|null);

            /** BlockRequest end */
            end?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BlockRequest. */
        type $Shape = crescendo.BlockRequest.$Properties;
    }

    /**
     * Properties of a RestoredBlock.
     * @deprecated Use crescendo.RestoredBlock.$Properties instead.
     */
    interface IRestoredBlock extends crescendo.RestoredBlock.$Properties {
    }

    /** Represents a RestoredBlock. */
    class RestoredBlock {

        /**
         * Constructs a new RestoredBlock.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.RestoredBlock.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RestoredBlock generation. */
        generation: number;

        /** RestoredBlock index. */
        index: number;

        /** RestoredBlock content. */
        content: Uint8Array;

        /** RestoredBlock sha256. */
        sha256: Uint8Array;

        /** RestoredBlock begin. */
        begin: number;

        /**
         * Encodes the specified RestoredBlock message. Does not implicitly {@link crescendo.RestoredBlock.verify|verify} messages.
         * @param message RestoredBlock message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.RestoredBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RestoredBlock message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.RestoredBlock & crescendo.RestoredBlock.$Shape} RestoredBlock
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.RestoredBlock & crescendo.RestoredBlock.$Shape;

        /**
         * Creates a RestoredBlock message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns RestoredBlock
         */
        static fromObject(object: { [k: string]: any }): crescendo.RestoredBlock;

        /**
         * Creates a plain object from a RestoredBlock message. Also converts values to other types if specified.
         * @param message RestoredBlock
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.RestoredBlock, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this RestoredBlock to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for RestoredBlock
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace RestoredBlock {

        /** Properties of a RestoredBlock. */
        interface $Properties {

            /** RestoredBlock generation */
            generation?: (number|null);

            /** RestoredBlock index */
            index?: (number|null);

            /** RestoredBlock content */
            content?: (Uint8Array|null);

            /** RestoredBlock sha256 */
            sha256?: (Uint8Array|null);

            /** RestoredBlock begin */
            begin?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RestoredBlock. */
        type $Shape = crescendo.RestoredBlock.$Properties;
    }

    /**
     * Properties of a Finished.
     * @deprecated Use crescendo.Finished.$Properties instead.
     */
    interface IFinished extends crescendo.Finished.$Properties {
    }

    /** Represents a Finished. */
    class Finished {

        /**
         * Constructs a new Finished.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Finished.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Finished generation. */
        generation: number;

        /** Finished weightsSha256. */
        weightsSha256: string;

        /** Finished emaWeightsSha256. */
        emaWeightsSha256: string;

        /**
         * Encodes the specified Finished message. Does not implicitly {@link crescendo.Finished.verify|verify} messages.
         * @param message Finished message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Finished.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Finished message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Finished & crescendo.Finished.$Shape} Finished
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Finished & crescendo.Finished.$Shape;

        /**
         * Creates a Finished message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Finished
         */
        static fromObject(object: { [k: string]: any }): crescendo.Finished;

        /**
         * Creates a plain object from a Finished message. Also converts values to other types if specified.
         * @param message Finished
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Finished, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Finished to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Finished
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Finished {

        /** Properties of a Finished. */
        interface $Properties {

            /** Finished generation */
            generation?: (number|null);

            /** Finished weightsSha256 */
            weightsSha256?: (string|null);

            /** Finished emaWeightsSha256 */
            emaWeightsSha256?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Finished. */
        type $Shape = crescendo.Finished.$Properties;
    }

    /**
     * Properties of a BadSample.
     * @deprecated Use crescendo.BadSample.$Properties instead.
     */
    interface IBadSample extends crescendo.BadSample.$Properties {
    }

    /** Represents a BadSample. */
    class BadSample {

        /**
         * Constructs a new BadSample.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.BadSample.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BadSample index. */
        index: number;

        /** BadSample name. */
        name: string;

        /** BadSample reason. */
        reason: string;

        /**
         * Encodes the specified BadSample message. Does not implicitly {@link crescendo.BadSample.verify|verify} messages.
         * @param message BadSample message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.BadSample.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BadSample message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.BadSample & crescendo.BadSample.$Shape} BadSample
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.BadSample & crescendo.BadSample.$Shape;

        /**
         * Creates a BadSample message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns BadSample
         */
        static fromObject(object: { [k: string]: any }): crescendo.BadSample;

        /**
         * Creates a plain object from a BadSample message. Also converts values to other types if specified.
         * @param message BadSample
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.BadSample, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this BadSample to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for BadSample
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace BadSample {

        /** Properties of a BadSample. */
        interface $Properties {

            /** BadSample index */
            index?: (number|null);

            /** BadSample name */
            name?: (string|null);

            /** BadSample reason */
            reason?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BadSample. */
        type $Shape = crescendo.BadSample.$Properties;
    }

    /**
     * Properties of a BadSamples.
     * @deprecated Use crescendo.BadSamples.$Properties instead.
     */
    interface IBadSamples extends crescendo.BadSamples.$Properties {
    }

    /** Represents a BadSamples. */
    class BadSamples {

        /**
         * Constructs a new BadSamples.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.BadSamples.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BadSamples samples. */
        samples: crescendo.BadSample.$Properties[];

        /** BadSamples isFinal. */
        isFinal: boolean;

        /**
         * Encodes the specified BadSamples message. Does not implicitly {@link crescendo.BadSamples.verify|verify} messages.
         * @param message BadSamples message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.BadSamples.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BadSamples message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.BadSamples & crescendo.BadSamples.$Shape} BadSamples
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.BadSamples & crescendo.BadSamples.$Shape;

        /**
         * Creates a BadSamples message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns BadSamples
         */
        static fromObject(object: { [k: string]: any }): crescendo.BadSamples;

        /**
         * Creates a plain object from a BadSamples message. Also converts values to other types if specified.
         * @param message BadSamples
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.BadSamples, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this BadSamples to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for BadSamples
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace BadSamples {

        /** Properties of a BadSamples. */
        interface $Properties {

            /** BadSamples samples */
            samples?: (crescendo.BadSample.$Properties[]|null);

            /** BadSamples isFinal */
            isFinal?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BadSamples. */
        type $Shape = crescendo.BadSamples.$Properties;
    }

    /**
     * Properties of a WorkerFailure.
     * @deprecated Use crescendo.WorkerFailure.$Properties instead.
     */
    interface IWorkerFailure extends crescendo.WorkerFailure.$Properties {
    }

    /** Represents a WorkerFailure. */
    class WorkerFailure {

        /**
         * Constructs a new WorkerFailure.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.WorkerFailure.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** WorkerFailure code. */
        code: string;

        /** WorkerFailure message. */
        message: string;

        /**
         * Encodes the specified WorkerFailure message. Does not implicitly {@link crescendo.WorkerFailure.verify|verify} messages.
         * @param message WorkerFailure message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.WorkerFailure.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a WorkerFailure message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.WorkerFailure & crescendo.WorkerFailure.$Shape} WorkerFailure
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.WorkerFailure & crescendo.WorkerFailure.$Shape;

        /**
         * Creates a WorkerFailure message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns WorkerFailure
         */
        static fromObject(object: { [k: string]: any }): crescendo.WorkerFailure;

        /**
         * Creates a plain object from a WorkerFailure message. Also converts values to other types if specified.
         * @param message WorkerFailure
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.WorkerFailure, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this WorkerFailure to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for WorkerFailure
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace WorkerFailure {

        /** Properties of a WorkerFailure. */
        interface $Properties {

            /** WorkerFailure code */
            code?: (string|null);

            /** WorkerFailure message */
            message?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a WorkerFailure. */
        type $Shape = crescendo.WorkerFailure.$Properties;
    }

    /**
     * Properties of a DrainRequest.
     * @deprecated Use crescendo.DrainRequest.$Properties instead.
     */
    interface IDrainRequest extends crescendo.DrainRequest.$Properties {
    }

    /** Represents a DrainRequest. */
    class DrainRequest {

        /**
         * Constructs a new DrainRequest.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.DrainRequest.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /**
         * Encodes the specified DrainRequest message. Does not implicitly {@link crescendo.DrainRequest.verify|verify} messages.
         * @param message DrainRequest message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.DrainRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a DrainRequest message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.DrainRequest & crescendo.DrainRequest.$Shape} DrainRequest
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.DrainRequest & crescendo.DrainRequest.$Shape;

        /**
         * Creates a DrainRequest message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns DrainRequest
         */
        static fromObject(object: { [k: string]: any }): crescendo.DrainRequest;

        /**
         * Creates a plain object from a DrainRequest message. Also converts values to other types if specified.
         * @param message DrainRequest
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.DrainRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this DrainRequest to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for DrainRequest
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace DrainRequest {

        /** Properties of a DrainRequest. */
        interface $Properties {

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a DrainRequest. */
        type $Shape = crescendo.DrainRequest.$Properties;
    }

    /**
     * Properties of a Prepared.
     * @deprecated Use crescendo.Prepared.$Properties instead.
     */
    interface IPrepared extends crescendo.Prepared.$Properties {
    }

    /** Represents a Prepared. */
    class Prepared {

        /**
         * Constructs a new Prepared.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Prepared.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Prepared engineDescription. */
        engineDescription: string;

        /** Prepared totalElements. */
        totalElements: number;

        /** Prepared stateElements. */
        stateElements: number;

        /** Prepared held. */
        held?: (crescendo.HeldState.$Properties|null);

        /** Prepared dataset. */
        dataset?: (crescendo.DatasetIdentity.$Properties|null);

        /**
         * Encodes the specified Prepared message. Does not implicitly {@link crescendo.Prepared.verify|verify} messages.
         * @param message Prepared message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Prepared.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Prepared message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Prepared & crescendo.Prepared.$Shape} Prepared
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Prepared & crescendo.Prepared.$Shape;

        /**
         * Creates a Prepared message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Prepared
         */
        static fromObject(object: { [k: string]: any }): crescendo.Prepared;

        /**
         * Creates a plain object from a Prepared message. Also converts values to other types if specified.
         * @param message Prepared
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Prepared, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Prepared to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Prepared
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Prepared {

        /** Properties of a Prepared. */
        interface $Properties {

            /** Prepared engineDescription */
            engineDescription?: (string|null);

            /** Prepared totalElements */
            totalElements?: (number|null);

            /** Prepared stateElements */
            stateElements?: (number|null);

            /** Prepared held */
            held?: (crescendo.HeldState.$Properties|null);

            /** Prepared dataset */
            dataset?: (crescendo.DatasetIdentity.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Prepared. */
        type $Shape = crescendo.Prepared.$Properties;
    }

    /**
     * Properties of a DatasetIdentity.
     * @deprecated Use crescendo.DatasetIdentity.$Properties instead.
     */
    interface IDatasetIdentity extends crescendo.DatasetIdentity.$Properties {
    }

    /** Represents a DatasetIdentity. */
    class DatasetIdentity {

        /**
         * Constructs a new DatasetIdentity.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.DatasetIdentity.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** DatasetIdentity trainSampleCount. */
        trainSampleCount: number;

        /** DatasetIdentity validationSampleCount. */
        validationSampleCount: number;

        /** DatasetIdentity classCount. */
        classCount: number;

        /** DatasetIdentity classNames. */
        classNames: string[];

        /** DatasetIdentity classNamesSha256. */
        classNamesSha256: string;

        /** DatasetIdentity filesSha256. */
        filesSha256: string;

        /**
         * Encodes the specified DatasetIdentity message. Does not implicitly {@link crescendo.DatasetIdentity.verify|verify} messages.
         * @param message DatasetIdentity message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.DatasetIdentity.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a DatasetIdentity message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.DatasetIdentity & crescendo.DatasetIdentity.$Shape} DatasetIdentity
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.DatasetIdentity & crescendo.DatasetIdentity.$Shape;

        /**
         * Creates a DatasetIdentity message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns DatasetIdentity
         */
        static fromObject(object: { [k: string]: any }): crescendo.DatasetIdentity;

        /**
         * Creates a plain object from a DatasetIdentity message. Also converts values to other types if specified.
         * @param message DatasetIdentity
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.DatasetIdentity, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this DatasetIdentity to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for DatasetIdentity
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace DatasetIdentity {

        /** Properties of a DatasetIdentity. */
        interface $Properties {

            /** DatasetIdentity trainSampleCount */
            trainSampleCount?: (number|null);

            /** DatasetIdentity validationSampleCount */
            validationSampleCount?: (number|null);

            /** DatasetIdentity classCount */
            classCount?: (number|null);

            /** DatasetIdentity classNames */
            classNames?: (string[]|null);

            /** DatasetIdentity classNamesSha256 */
            classNamesSha256?: (string|null);

            /** DatasetIdentity filesSha256 */
            filesSha256?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a DatasetIdentity. */
        type $Shape = crescendo.DatasetIdentity.$Properties;
    }

    /**
     * Properties of a HeldState.
     * @deprecated Use crescendo.HeldState.$Properties instead.
     */
    interface IHeldState extends crescendo.HeldState.$Properties {
    }

    /** Represents a HeldState. */
    class HeldState {

        /**
         * Constructs a new HeldState.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.HeldState.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** HeldState history. */
        history: number;

        /** HeldState appliedSteps. */
        appliedSteps: number;

        /** HeldState reducedSteps. */
        reducedSteps: number;

        /** HeldState reducedChecksum. */
        reducedChecksum: number;

        /** HeldState shardGenerations. */
        shardGenerations: number[];

        /**
         * Encodes the specified HeldState message. Does not implicitly {@link crescendo.HeldState.verify|verify} messages.
         * @param message HeldState message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.HeldState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a HeldState message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.HeldState & crescendo.HeldState.$Shape} HeldState
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.HeldState & crescendo.HeldState.$Shape;

        /**
         * Creates a HeldState message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns HeldState
         */
        static fromObject(object: { [k: string]: any }): crescendo.HeldState;

        /**
         * Creates a plain object from a HeldState message. Also converts values to other types if specified.
         * @param message HeldState
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.HeldState, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this HeldState to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for HeldState
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace HeldState {

        /** Properties of a HeldState. */
        interface $Properties {

            /** HeldState history */
            history?: (number|null);

            /** HeldState appliedSteps */
            appliedSteps?: (number|null);

            /** HeldState reducedSteps */
            reducedSteps?: (number|null);

            /** HeldState reducedChecksum */
            reducedChecksum?: (number|null);

            /** HeldState shardGenerations */
            shardGenerations?: (number[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a HeldState. */
        type $Shape = crescendo.HeldState.$Properties;
    }

    /**
     * Properties of a Released.
     * @deprecated Use crescendo.Released.$Properties instead.
     */
    interface IReleased extends crescendo.Released.$Properties {
    }

    /** Represents a Released. */
    class Released {

        /**
         * Constructs a new Released.
         * @param [properties] Properties to set
         */
        constructor(properties?: crescendo.Released.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Released runSucceeded. */
        runSucceeded: boolean;

        /** Released reason. */
        reason: string;

        /**
         * Encodes the specified Released message. Does not implicitly {@link crescendo.Released.verify|verify} messages.
         * @param message Released message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: crescendo.Released.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Released message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {crescendo.Released & crescendo.Released.$Shape} Released
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): crescendo.Released & crescendo.Released.$Shape;

        /**
         * Creates a Released message from a plain object. Also converts values to their respective internal types.
         * @param object Plain object
         * @returns Released
         */
        static fromObject(object: { [k: string]: any }): crescendo.Released;

        /**
         * Creates a plain object from a Released message. Also converts values to other types if specified.
         * @param message Released
         * @param [options] Conversion options
         * @returns Plain object
         */
        static toObject(message: crescendo.Released, options?: $protobuf.IConversionOptions): { [k: string]: any };

        /**
         * Converts this Released to JSON.
         * @returns JSON object
         */
        toJSON(): { [k: string]: any };

        /**
         * Gets the type url for Released
         * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
         * @returns The type url
         */
        static getTypeUrl(prefix?: string): string;
    }

    namespace Released {

        /** Properties of a Released. */
        interface $Properties {

            /** Released runSucceeded */
            runSucceeded?: (boolean|null);

            /** Released reason */
            reason?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Released. */
        type $Shape = crescendo.Released.$Properties;
    }
}
