use std::fmt;

use http::{HeaderName, Method, StatusCode};
use utoipa::{
    Modify, PartialSchema,
    openapi::{
        Components, Content, OpenApi, RefOr, Response, ResponseBuilder, Schema,
        path::{Operation, Parameter, ParameterIn, PathItem},
    },
};

use super::{
    answers::{Answers, gets_validators},
    fields,
    learns::{DescribedSource, Learns},
    outcomes::{Asked, Outcomes},
    problem,
};
use crate::{
    decision::Expose,
    layer::PreconditionLayer,
    precondition::{Condition, MethodKind, Requirement, TagComparison},
    response::{Emit, ProblemDetails},
    validator::ResponseFields,
};

/// What a [`PreconditionLayer`] adds to the operations of an OpenAPI document.
///
/// [`PreconditionLayer::describe`] makes it. It completes every operation of a document, or those of the paths that
/// [`only_at`](Self::only_at) names.
///
/// ```
/// use http::request::Parts;
/// use tower_precondition::{EntityTag, PreconditionLayer, Requirement};
/// use utoipa::{
///     Modify,
///     openapi::{HttpMethod, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, path::Operation},
/// };
///
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) })
///     .require(Requirement::on_writes());
///
/// let paths = PathsBuilder::new().path("/documents/{id}", PathItem::new(HttpMethod::Put, Operation::new()));
/// let mut api: OpenApi = OpenApiBuilder::new().paths(paths).build();
/// layer.describe().modify(&mut api);
///
/// let put = api.paths.get_path_operation("/documents/{id}", HttpMethod::Put).unwrap();
/// let statuses: Vec<_> = put.responses.responses.keys().collect();
/// assert_eq!(statuses, ["400", "412", "428"]);
/// let names: Vec<_> = put.parameters.iter().flatten().map(|parameter| &parameter.name).collect();
/// assert_eq!(names, ["If-Match", "If-None-Match"]);
/// ```
#[derive(Clone)]
#[must_use]
#[doc(alias = "openapi")]
#[doc(alias = "swagger")]
pub struct Description {
    requirement: Requirement,
    learns: Learns,
    emit: Emit,
    expose: Expose,
    comparison: TagComparison,
    writes_wait: bool,
    identity: Vec<HeaderName>,
    /// The media type and schema of a responder's own; `None` for problem details.
    rejections: Option<(String, RefOr<Schema>)>,
    paths: Option<Vec<String>>,
}

impl<V: DescribedSource> PreconditionLayer<V, Requirement, ProblemDetails> {
    /// Describes what the layer adds to the operations of an OpenAPI document.
    ///
    /// Call it after the layer's other settings. If a closure chooses the requirement, describe a layer with the
    /// requirement of these paths: `layer.clone().require(Requirement::on_writes()).describe()`.
    ///
    /// See [`openapi`](crate::openapi) for what it says.
    #[doc(alias = "openapi")]
    #[doc(alias = "swagger")]
    pub fn describe(&self) -> Description {
        self.described(None)
    }
}

impl<V: DescribedSource, R> PreconditionLayer<V, Requirement, R> {
    /// Describes a layer with a responder of your own, by the media type and the schema of its bodies.
    ///
    /// ```
    /// # use http::{Response, request::Parts};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection};
    /// use utoipa::openapi::{Object, Type};
    ///
    /// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(1) })
    ///     .with_rejection_response(|rejection: &Rejection, _: &Parts| {
    ///         let mut response = Response::new(format!("<p>{rejection}</p>"));
    ///         *response.status_mut() = rejection.kind().status();
    ///         response.headers_mut().insert("content-type", "text/html".parse().unwrap());
    ///         response
    ///     });
    /// let description = layer.describe_as("text/html", Object::with_type(Type::String));
    /// # let _ = description;
    /// ```
    pub fn describe_as(
        &self,
        media_type: impl Into<String>,
        schema: impl Into<RefOr<Schema>>,
    ) -> Description {
        self.described(Some((media_type.into(), schema.into())))
    }

    fn described(&self, rejections: Option<(String, RefOr<Schema>)>) -> Description {
        let settings = self.settings();
        Description {
            requirement: settings.policy.clone(),
            learns: settings.source.learns(),
            emit: settings.emit,
            expose: settings.expose,
            comparison: settings.comparison.clone(),
            writes_wait: settings.writes_wait,
            identity: settings.identity,
            rejections,
            paths: None,
        }
    }
}

impl Description {
    /// Describes these paths alone, as the document spells them.
    ///
    /// Use it if the layer does not stand around every route. Under `utoipa-axum`, a nested router's paths have
    /// their prefix in the whole document.
    ///
    /// # Panics
    ///
    /// `modify` panics if the document has no such path, because the description would say nothing.
    pub fn only_at<S: Into<String>>(self, paths: impl IntoIterator<Item = S>) -> Self {
        Self { paths: Some(paths.into_iter().map(Into::into).collect()), ..self }
    }

    /// Completes the operations of a path.
    fn complete(&self, item: &mut PathItem) {
        let of_all = item.parameters.clone().unwrap_or_default();
        for (method, operation) in [
            (Method::GET, &mut item.get),
            (Method::HEAD, &mut item.head),
            (Method::PUT, &mut item.put),
            (Method::POST, &mut item.post),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ] {
            if let Some(operation) = operation {
                self.complete_operation(&method, &of_all, operation);
            }
        }
    }

    fn complete_operation(&self, method: &Method, of_all: &[Parameter], operation: &mut Operation) {
        let asked = Asked {
            method,
            requirement: Some(&self.requirement).filter(|requirement| requirement.applies_to(method)),
            learns: self.learns,
            comparison: &self.comparison,
            expose: self.expose,
        };
        let outcomes = Outcomes::of(&asked);
        let responses = &mut operation.responses.responses;
        let has_status = |status: StatusCode| responses.contains_key(status.as_str());
        let has_ranges = *method == Method::GET && has_status(StatusCode::PARTIAL_CONTENT);
        let answers = Answers::of(&asked, &outcomes, self.writes_wait, !self.identity.is_empty(), has_status);

        if self.emit.applies_to(method) {
            for (status, response) in responses.iter_mut() {
                if let (true, RefOr::T(response)) = (gets_validators(method, status), response) {
                    add_fields(response, &ResponseFields::NAMES);
                }
            }
        }
        for (status, answer) in answers.0 {
            let is_error = status >= 400;
            let content = match &self.rejections {
                _ if !is_error || *method == Method::HEAD => Vec::new(),
                None => problem::content(&asked, answer.example.as_ref()),
                Some((media_type, schema)) => vec![(media_type.clone(), Content::new(Some(schema.clone())))],
            };
            let described = responses
                .entry(status.to_string())
                .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(answer.description).build()));
            if let RefOr::T(response) = described {
                add_fields(response, &answer.fields);
                add_content(response, content);
            }
        }
        for parameter in self.parameters(method, &outcomes, has_ranges) {
            let parameters = operation.parameters.get_or_insert_default();
            if !of_all.iter().chain(&*parameters).any(|one| is_same(one, &parameter)) {
                parameters.push(parameter);
            }
        }
    }

    fn parameters(&self, method: &Method, outcomes: &Outcomes, has_ranges: bool) -> Vec<Parameter> {
        let kind = MethodKind::of(method);
        let mut parameters: Vec<_> = Condition::ALL
            .into_iter()
            .filter(|condition| outcomes.depend_on(*condition))
            .map(|condition| fields::condition(condition, kind, outcomes.require(condition)))
            .collect();
        // If-Range changes the handler's answer, and not the layer's.
        if has_ranges {
            parameters.extend([fields::range(), fields::condition(Condition::IfRange, kind, false)]);
        }
        #[cfg(feature = "webdav")]
        if self.learns.judges_if {
            parameters.push(fields::webdav_if());
        }
        if kind == MethodKind::Changes {
            parameters.extend(self.identity.iter().map(fields::identity));
        }
        parameters
    }
}

impl Modify for Description {
    fn modify(&self, api: &mut OpenApi) {
        match &self.paths {
            None => api.paths.paths.values_mut().for_each(|item| self.complete(item)),
            Some(paths) => {
                for path in paths {
                    let item = api.paths.paths.get_mut(path);
                    self.complete(item.unwrap_or_else(|| panic!("the document has no path `{path}`")));
                }
            }
        }
        if self.rejections.is_none() {
            let components = api.components.get_or_insert_with(Components::new);
            components.schemas.entry(problem::NAME.to_owned()).or_insert_with(ProblemDetails::schema);
        }
    }
}

/// Adds the fields that the response lacks.
fn add_fields(response: &mut Response, names: &[HeaderName]) {
    for name in names {
        if !response.headers.keys().any(|known| known.eq_ignore_ascii_case(name.as_str())) {
            let (name, header) = fields::header(name);
            response.headers.insert(name, header);
        }
    }
}

/// Adds the media types that the response lacks.
fn add_content(response: &mut Response, content: Vec<(String, Content)>) {
    let essence =
        |media_type: &str| media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    for (media_type, content) in content {
        if !response.content.keys().any(|known| essence(known) == essence(&media_type)) {
            response.content.insert(media_type, content);
        }
    }
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    one.parameter_in == ParameterIn::Header && one.name.eq_ignore_ascii_case(&other.name)
}

// By hand: utoipa's schemas have no `Debug`.
impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("requirement", &self.requirement)
            .field("expose", &self.expose)
            .field("emit", &self.emit)
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}
