//! The scales that technologies are sorted by.

use crate::text_enum;

text_enum! {
    /// What field a technology belongs to.
    TechnologyDomain {
        /// Digital signal processing of sound.
        AudioDsp = "audio-dsp",
        /// Artificial intelligence and machine learning.
        AiMl = "ai-ml",
        /// Theory of music.
        MusicTheory = "music-theory",
        /// Speed and resources.
        Performance = "performance",
        /// Interfaces for people.
        UiUx = "ui-ux",
        /// What everything runs on.
        Infrastructure = "infrastructure",
        /// None of these.
        Other = "other",
    }
}

text_enum! {
    /// How far the project has come with a technology.
    TechnologyStatus {
        /// Noticed.
        Discovery = "discovery",
        /// Being read about.
        Research = "research",
        /// Being tried.
        Evaluation = "evaluation",
        /// Being built in.
        Implementation = "implementation",
        /// In use.
        Integrated = "integrated",
        /// Put away.
        Archived = "archived",
    }
}

text_enum! {
    /// The radar's ring: what the project advises.
    Ring {
        /// Use it.
        Adopt = "adopt",
        /// Use it where a failure can be borne.
        Trial = "trial",
        /// Look into it.
        Assess = "assess",
        /// Start nothing new with it.
        Hold = "hold",
    }
}

text_enum! {
    /// How long an integration takes.
    IntegrationDifficulty {
        /// Less than a day.
        Trivial = "trivial",
        /// One to three days.
        Easy = "easy",
        /// One to two weeks.
        Moderate = "moderate",
        /// Two to four weeks.
        Complex = "complex",
        /// More than a month.
        VeryComplex = "very_complex",
    }
}

text_enum! {
    /// How grown up a technology is.
    MaturityLevel {
        /// Anything may change.
        Alpha = "alpha",
        /// Most of it stays.
        Beta = "beta",
        /// Fit for production.
        Stable = "stable",
        /// Proven over years.
        Mature = "mature",
        /// On its way out.
        Legacy = "legacy",
    }
}

text_enum! {
    /// What a technology costs.
    CostTier {
        /// Nothing.
        Free = "free",
        /// Nothing up to a limit.
        Freemium = "freemium",
        /// Less than 100 dollars a month.
        Affordable = "affordable",
        /// 100 to 500 dollars a month.
        Moderate = "moderate",
        /// More than 500 dollars a month.
        Expensive = "expensive",
        /// By contract.
        Enterprise = "enterprise",
    }
}
